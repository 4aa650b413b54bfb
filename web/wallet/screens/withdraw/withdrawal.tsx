// One withdrawal: how far it is, step by step, and cancelling it while that can be done.

import { Link, useParams } from '@tanstack/react-router'
import { Check, CircleDot, X } from 'lucide-react'
import { useState } from 'react'
import type { DataOf } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { grouped } from '../../../kit/money.ts'
import { instantText } from '../../../kit/time.ts'
import { AddressText } from '../../../kit/ui/address.tsx'
import { Amount } from '../../../kit/ui/amount.tsx'
import { Button } from '../../../kit/ui/button.tsx'
import { CopyRow } from '../../../kit/ui/copy.tsx'
import { cx } from '../../../kit/ui/cx.ts'
import { Facts, Section } from '../../../kit/ui/list.tsx'
import { Chip, Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Sheet } from '../../../kit/ui/sheet.tsx'
import { Bone, SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'
import { MoneyProof, type Proof } from '../../proof/money-proof.tsx'
import { ConfirmationsBar } from '../deposit/confirmations-bar.tsx'
import { useWithdrawalWords } from './withdrawal-words.ts'

type Withdrawal = DataOf<'GET /api/withdrawal/usdt/orders/{id}'>
const gone = ['failed', 'rejected', 'cancelled']

export const withdrawalTone = (status: Withdrawal['status']) =>
  status === 'confirmed'
    ? 'good'
    : status === 'review'
      ? 'warn'
      : status === 'cancelled'
        ? 'plain'
        : gone.includes(status)
          ? 'bad'
          : 'info'

export function WithdrawalScreen() {
  const say = useWithdrawalWords()
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const order = useApi('GET /api/withdrawal/usdt/orders/{id}', { path: { id } }, { every: 10_000 })
  const data = order.data
  return (
    <Screen title={say('order')} back="/app/activity">
      {data ? (
        <>
          <p className="text-sm text-dim">
            {say('theyReceive')} · {data.network}
          </p>
          <p className="mt-1 text-4xl font-semibold">
            <Amount value={data.amount_net} unit={data.asset} />
          </p>
          <div aria-live="polite" className="mt-4">
            <Chip tone={withdrawalTone(data.status)}>{say(data.status)}</Chip>
            {data.status === 'confirming' && (
              <div className="mt-4">
                <ConfirmationsBar now={data.confirmations} all={data.confirmations_required} />
                <p className="figures mt-2 text-sm text-dim">
                  {say('confirmations', { now: data.confirmations, all: data.confirmations_required })}
                </p>
              </div>
            )}
            {(data.reason || data.next_step) && (
              <Notice tone={withdrawalTone(data.status)} className="mt-4">
                {[data.reason, data.next_step].filter(Boolean).join(' ')}
              </Notice>
            )}
            {gone.includes(data.status) && (
              <p className="mt-3 text-sm">
                {say('refunded', { amount: grouped(data.amount) })}{' '}
                <Link to="/app/activity" className="font-medium text-accent underline underline-offset-4">
                  {say('seeEntry')}
                </Link>
              </p>
            )}
          </div>
          <Timeline order={data} />
          <Section title={say('to')}>
            <CopyRow text={data.to_address}>
              <AddressText address={data.to_address} />
            </CopyRow>
          </Section>
          <Facts
            className="mt-3"
            facts={[
              { label: say('youSend'), value: <Amount value={data.amount} unit={data.asset} /> },
              { label: say('fee'), value: <Amount value={data.fee} unit={data.asset} /> },
              { label: say('created'), value: instantText(data.created_at) },
              data.explorer_url !== null && {
                label: say('hash'),
                value: (
                  <a
                    href={data.explorer_url}
                    target="_blank"
                    rel="noreferrer"
                    className="text-accent underline underline-offset-4"
                  >
                    {say('explorer')}
                  </a>
                ),
              },
            ]}
          />
          {data.tx_hash !== null && (
            <>
              <p className="mt-4 mb-1 text-sm text-dim">{say('hash')}</p>
              <CopyRow text={data.tx_hash}>
                <code className="font-mono text-xs">{data.tx_hash}</code>
              </CopyRow>
            </>
          )}
          <p className="mt-4 mb-1 text-sm text-dim">{say('id')}</p>
          <CopyRow text={data.id}>
            <code className="font-mono text-xs">{data.id}</code>
          </CopyRow>
          {data.status === 'verification' && <Confirm order={data} />}
          {data.can_cancel && <Cancel order={data} />}
        </>
      ) : order.error ? (
        <Problem error={order.error} onRetry={() => void order.refetch()} />
      ) : (
        <>
          <Bone className="mb-4 h-10 w-48" />
          <SkeletonRows count={4} />
        </>
      )}
    </Screen>
  )
}

const path = ['submitted', 'approved', 'processing', 'confirming', 'confirmed'] as const

function Timeline({ order }: { order: Withdrawal }) {
  const say = useWithdrawalWords()
  const isOver = order.settled_at !== null
  const reached = new Set(order.timeline.map(({ status }) => status))
  const ahead = isOver
    ? []
    : path.filter(
        (status) => !reached.has(status) && path.indexOf(status) > path.findLastIndex((each) => reached.has(each)),
      )
  return (
    <Section title={say('timeline')}>
      <ol>
        {order.timeline.map((event, i) => {
          const isLast = i === order.timeline.length - 1
          const isBad = gone.includes(event.status)
          const Icon = isBad ? X : isLast && !isOver ? CircleDot : Check
          return (
            <li key={`${event.status} ${event.at}`} className="relative flex gap-3 pb-4">
              <span
                aria-hidden
                className={cx(
                  'z-1 flex size-6 shrink-0 items-center justify-center rounded-full',
                  isBad ? 'bg-danger-soft text-danger' : 'bg-accent-soft text-accent',
                )}
              >
                <Icon className="size-3.5" strokeWidth={2.5} />
              </span>
              {!(isLast && ahead.length === 0) && (
                <span aria-hidden className="absolute top-6 bottom-0 left-3 w-px bg-line" />
              )}
              <div className="min-w-0 flex-1">
                <p className="flex items-baseline justify-between gap-3">
                  <span className="font-medium">{say(event.status)}</span>
                  <time dateTime={event.at} className="figures text-xs text-dim">
                    {instantText(event.at)}
                  </time>
                </p>
                {event.reason && <p className="text-sm text-dim">{event.reason}</p>}
              </div>
            </li>
          )
        })}
        {ahead.map((status, i) => (
          <li key={status} className="relative flex gap-3 pb-4 text-dim">
            <span aria-hidden className="z-1 size-6 shrink-0 rounded-full border border-dashed border-edge bg-paper" />
            {i < ahead.length - 1 && <span aria-hidden className="absolute top-6 bottom-0 left-3 w-px bg-line" />}
            <span>{say(status)}</span>
          </li>
        ))}
      </ol>
    </Section>
  )
}

/** A program asked for it; its owner says that it is meant. */
function Confirm({ order }: { order: Withdrawal }) {
  const say = useWithdrawalWords()
  const [open, setOpen] = useState(false)
  const confirm = async (proof: Proof) => {
    await api('POST /api/withdrawal/usdt/orders/{id}/confirm', { path: { id: order.id }, body: proof })
    tellChanged('GET /api/withdrawal/usdt/orders/{id}', 'GET /api/withdrawal/usdt/orders', 'GET /api/account/balance')
    setOpen(false)
  }
  return (
    <>
      <Notice tone="warn" className="mt-6">
        {say('verifyAbout')}
      </Notice>
      <Button look="primary" wide className="mt-3" onClick={() => setOpen(true)}>
        {say('verify')}
      </Button>
      <MoneyProof
        open={open}
        onClose={() => setOpen(false)}
        about={`${grouped(order.amount)} ${order.asset} · ${order.network}`}
        onProof={confirm}
      />
    </>
  )
}

function Cancel({ order }: { order: Withdrawal }) {
  const say = useWithdrawalWords()
  const [open, setOpen] = useState(false)
  const { busy, error, run } = useAction()
  const cancel = () =>
    run(async () => {
      await api('POST /api/withdrawal/usdt/orders/{id}/cancel', { path: { id: order.id } })
      tellChanged('GET /api/withdrawal/usdt/orders/{id}', 'GET /api/withdrawal/usdt/orders', 'GET /api/account/balance')
      setOpen(false)
    })
  return (
    <>
      <Button look="danger" wide className="mt-6" onClick={() => setOpen(true)}>
        {say('cancel')}
      </Button>
      <Sheet
        open={open}
        onClose={() => setOpen(false)}
        title={say('cancelAsk')}
        about={say('cancelAbout', { amount: grouped(order.amount) })}
      >
        <Problem error={error} money className="mb-3" />
        <div className="grid gap-2 pt-2">
          <Button look="danger" wide busy={busy} onClick={() => void cancel()}>
            {say('cancelYes')}
          </Button>
          <Button look="quiet" wide onClick={() => setOpen(false)}>
            {say('keep')}
          </Button>
        </div>
      </Sheet>
    </>
  )
}
