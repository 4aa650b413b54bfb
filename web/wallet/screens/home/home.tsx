// Home: what there is, what can be done with it, what is on its way, and what happened last.

import { Link } from '@tanstack/react-router'
import { ArrowDownToLine, ArrowUpFromLine, Bell, Eye, EyeOff, Landmark, Send, ShieldCheck, X } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { DataOf } from '../../../kit/api/http.ts'
import { useApi } from '../../../kit/api/use-api.ts'
import { amountsHidden, recall, remember } from '../../../kit/preference.ts'
import { useSignal } from '../../../kit/signal.ts'
import { Amount } from '../../../kit/ui/amount.tsx'
import { IconButton } from '../../../kit/ui/button.tsx'
import { cx } from '../../../kit/ui/cx.ts'
import { useKitWords } from '../../../kit/ui/kit-words.ts'
import { Empty, RowBody, rowLook, rowsLook, Section } from '../../../kit/ui/list.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Sheet } from '../../../kit/ui/sheet.tsx'
import { Bone, SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { StatementRow } from '../activity/statement-row.tsx'
import { ConfirmationsBar } from '../deposit/confirmations-bar.tsx'
import { useHomeWords } from './home-words.ts'

const actions = [
  { to: '/app/deposit', word: 'deposit', Icon: ArrowDownToLine },
  { to: '/app/withdraw', word: 'withdraw', Icon: ArrowUpFromLine },
  { to: '/app/send', word: 'send', Icon: Send },
  { to: '/app/remit', word: 'remit', Icon: Landmark },
] as const

export function HomeScreen() {
  const say = useHomeWords()
  const balance = useApi('GET /api/account/balance')
  const recent = useApi('GET /api/account/ledger', { query: { size: '5' } })
  const isNew = balance.data?.total === '0' && recent.data?.items.length === 0
  useEffect(() => {
    document.title = `${say('title')} · UniPay`
  }, [say])
  return (
    <main id="content" tabIndex={-1} className="mx-auto w-full max-w-xl flex-1 px-5 pb-10 outline-none">
      <h1 className="sr-only">{say('title')}</h1>
      <TopLine />
      {balance.data ? (
        <Balance balance={balance.data} />
      ) : balance.error ? (
        <Problem error={balance.error} onRetry={() => void balance.refetch()} className="mt-4" />
      ) : (
        <BalanceBones />
      )}
      <nav aria-label={say('title')} className="mt-7 grid grid-cols-4 gap-2">
        {actions.map(({ to, word, Icon }) => (
          <Link
            key={to}
            to={to}
            className="group flex min-h-20 flex-col items-center gap-2 rounded-card py-1 text-sm font-medium"
          >
            <span
              className={cx(
                'flex size-13 items-center justify-center rounded-full border transition-colors',
                word === 'deposit' && isNew
                  ? 'border-accent bg-accent text-on-accent'
                  : 'border-line bg-surface text-accent group-hover:bg-accent-soft',
              )}
            >
              <Icon aria-hidden className="size-[22px]" strokeWidth={1.8} />
            </span>
            {say(word)}
          </Link>
        ))}
      </nav>
      <Incoming />
      {isNew ? (
        <Empty
          title={say('emptyTitle')}
          action={
            <Link
              to="/app/deposit"
              className="inline-flex min-h-12 items-center rounded-control bg-accent px-6 font-medium text-on-accent hover:bg-accent-hover"
            >
              {say('emptyAction')}
            </Link>
          }
        >
          {say('emptyAbout')}
        </Empty>
      ) : (
        <>
          <SetUp />
          <Section
            title={say('recent')}
            aside={
              <Link to="/app/activity" className="flex min-h-11 items-center text-sm font-medium text-accent">
                {say('all')}
              </Link>
            }
          >
            {recent.data ? (
              <ul className={rowsLook}>
                {recent.data.items.map((line) => (
                  <li key={line.id}>
                    <StatementRow line={line} />
                  </li>
                ))}
              </ul>
            ) : recent.error ? (
              <Problem error={recent.error} onRetry={() => void recent.refetch()} />
            ) : (
              <SkeletonRows />
            )}
          </Section>
        </>
      )}
    </main>
  )
}

function TopLine() {
  const say = useHomeWords()
  const kit = useKitWords()
  const me = useApi('GET /api/user/me')
  const unread = useApi('GET /api/inbox/unread_count')
  const hidden = useSignal(amountsHidden)
  const count = unread.data?.count ?? 0
  return (
    <div className="flex min-h-14 items-center justify-between pt-2">
      <Link to="/app/me" className="flex min-h-11 min-w-0 items-center gap-2.5 pr-2 text-sm">
        <span
          aria-hidden
          className="flex size-9 shrink-0 items-center justify-center rounded-full bg-accent-soft font-semibold text-accent"
        >
          {(me.data?.nickname ?? me.data?.uid ?? 'U').slice(0, 1).toUpperCase()}
        </span>
        {me.data ? (
          <span className="min-w-0">
            <span className="block truncate font-medium">{me.data.nickname ?? me.data.uid}</span>
            {me.data.nickname && <span className="figures block text-xs text-dim">{me.data.uid}</span>}
          </span>
        ) : (
          <Bone className="h-4 w-20" />
        )}
      </Link>
      <span className="-mr-2.5 flex">
        <IconButton
          label={kit(hidden ? 'showAmounts' : 'hideAmounts')}
          aria-pressed={hidden}
          onClick={() => amountsHidden.set(!hidden)}
        >
          {hidden ? <EyeOff aria-hidden className="size-5" /> : <Eye aria-hidden className="size-5" />}
        </IconButton>
        <Link
          to="/app/inbox"
          aria-label={count > 0 ? `${say('inbox')}, ${say('unread', { count })}` : say('inbox')}
          className="relative inline-flex size-11 items-center justify-center rounded-control hover:bg-sunk"
        >
          <Bell aria-hidden className="size-5" />
          {count > 0 && (
            <span
              aria-hidden
              className="figures absolute top-1 right-1 min-w-4.5 rounded-full bg-danger px-1 text-center text-[11px] leading-[18px] font-semibold text-paper"
            >
              {count > 99 ? '99+' : count}
            </span>
          )}
        </Link>
      </span>
    </div>
  )
}

function Balance({ balance }: { balance: DataOf<'GET /api/account/balance'> }) {
  const say = useHomeWords()
  const [why, setWhy] = useState(false)
  const parts = [
    { word: 'main', value: balance.main.balance },
    { word: 'node', value: balance.node.balance },
  ] as const
  const frozen = balance.main.frozen
  return (
    <section aria-label={say('total')} className="mt-5">
      <p className="text-sm text-dim">{say('total')}</p>
      <p className="mt-1 text-[2.5rem] leading-tight font-semibold tracking-tight">
        <Amount value={balance.total} unit="USDT" />
      </p>
      <dl className="mt-3 flex flex-wrap gap-x-7 gap-y-1 text-sm">
        {parts.map(({ word, value }) => (
          <div key={word} className="flex items-baseline gap-2">
            <dt className="text-dim">{say(word)}</dt>
            <dd className="font-medium">
              <Amount value={value} />
            </dd>
          </div>
        ))}
        {frozen !== '0' && (
          <div className="flex items-baseline gap-2">
            <dt className="text-dim">
              <button
                type="button"
                onClick={() => setWhy(true)}
                className="-my-2 min-h-9 underline decoration-dotted underline-offset-4"
              >
                {say('frozen')}
              </button>
            </dt>
            <dd className="font-medium">
              <Amount value={frozen} />
            </dd>
          </div>
        )}
        <div>
          <dt className="sr-only">{say('move')}</dt>
          <dd>
            <Link to="/app/move" className="-my-2 flex min-h-9 items-center font-medium text-accent">
              {say('move')}
            </Link>
          </dd>
        </div>
      </dl>
      <Sheet open={why} onClose={() => setWhy(false)} title={say('frozenWhy')}>
        <p className="pb-4 text-dim">{say('frozenAbout')}</p>
      </Sheet>
    </section>
  )
}

const BalanceBones = () => (
  <div className="mt-5">
    <Bone className="h-5 w-20" />
    <Bone className="mt-2 h-11 w-56" />
    <Bone className="mt-3 h-5 w-64" />
  </div>
)

/** Deposits that the chain has shown and not yet settled: the question everybody opens the wallet with. */
function Incoming() {
  const say = useHomeWords()
  const pending = useApi('GET /api/recharge/orders', { query: { status: 'pending', size: '3' } })
  if (!pending.data?.items.length) return null
  return (
    <Section title={say('incoming')}>
      <ul className={rowsLook}>
        {pending.data.items.map((order) => (
          <li key={order.id}>
            <Link to={`/app/deposits/${order.id}`} className={rowLook}>
              <RowBody
                title={`${order.network}`}
                about={say('confirmations', { count: order.confirmations, all: order.confirmations_required })}
                right={<Amount value={order.amount_received} unit={order.asset} way="in" />}
              />
              <span className="block pb-3">
                <ConfirmationsBar now={order.confirmations} all={order.confirmations_required} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  )
}

/** What protects the account and is not done yet, in one place; put aside until something changes. */
function SetUp() {
  const say = useHomeWords()
  const security = useApi('GET /api/security/status')
  const me = useApi('GET /api/user/me')
  const [aside, setAside] = useState(() => recall('set-up-aside'))
  if (!security.data || !me.data) return null
  const steps = [
    { word: 'pin', done: security.data.payment_password_set, to: '/app/security/pin' },
    { word: 'totp', done: security.data.totp_enabled, to: '/app/security/totp' },
    { word: 'kyc', done: me.data.kyc_status !== 'none', to: '/app/kyc' },
  ] as const
  const done = steps.filter((step) => step.done).length
  const next = steps.find((step) => !step.done)
  if (!next || aside === String(done)) return null
  return (
    <section className="mt-7 flex items-center gap-3 rounded-card border border-line bg-surface py-2 pr-1 pl-4">
      <ShieldCheck aria-hidden className="size-6 shrink-0 text-accent" />
      <div className="min-w-0 flex-1">
        <p className="text-xs text-dim">
          {say('setUp')} · {say('setUpDone', { done, all: steps.length })}
        </p>
        <Link to={next.to} className="flex min-h-8 items-center font-medium text-accent">
          {say(next.word)}
        </Link>
      </div>
      <IconButton
        label={say('later')}
        onClick={() => {
          remember('set-up-aside', String(done))
          setAside(String(done))
        }}
        className="text-dim"
      >
        <X aria-hidden className="size-4" />
      </IconButton>
    </section>
  )
}
