// Sending to another customer: whom, the name confirmed, how much, the review, the proof, the receipt.
// Must stay true: nothing in the review can be edited; a payment request fills in, it never sends by itself.

import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { CircleCheck } from 'lucide-react'
import { useEffect, useState } from 'react'
import { type DataOf, isRefusal } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { cleanAmount, grouped, isPositive, parseUnits } from '../../../kit/money.ts'
import { instantText } from '../../../kit/time.ts'
import { Amount } from '../../../kit/ui/amount.tsx'
import { AmountField } from '../../../kit/ui/amount-field.tsx'
import { Avatar } from '../../../kit/ui/avatar.tsx'
import { Button } from '../../../kit/ui/button.tsx'
import { TextField } from '../../../kit/ui/field.tsx'
import { Facts, RowBody, rowLook, rowsLook, Section } from '../../../kit/ui/list.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Sheet } from '../../../kit/ui/sheet.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'
import { payOnce } from '../../proof/intent.ts'
import { MoneyProof, type Proof } from '../../proof/money-proof.tsx'
import { useSendWords } from './send-words.ts'

type Recipient = DataOf<'GET /api/transfer/lookup'>
type Sent = DataOf<'POST /api/transfer'>

export function SendScreen() {
  const say = useSendWords()
  const search = useSearch({ strict: false }) as { to?: unknown; amount?: unknown; note?: unknown }
  const [recipient, setRecipient] = useState<Recipient>()
  const [sent, setSent] = useState<Sent & { name: string }>()
  if (sent) return <Receipt sent={sent} />
  if (!recipient) return <Whom asked={text(search.to)} onFound={setRecipient} />
  return (
    <HowMuch
      recipient={recipient}
      asked={{ amount: cleanAmount(text(search.amount)), note: text(search.note).slice(0, 64) }}
      onChange={() => setRecipient(undefined)}
      onSent={(answer) => setSent({ ...answer, name: recipient.name_masked })}
      title={say('title')}
    />
  )
}

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

function Whom({ asked, onFound }: { asked: string; onFound(recipient: Recipient): void }) {
  const say = useSendWords()
  const navigate = useNavigate()
  const [to, setTo] = useState(asked)
  const { busy, error, run } = useAction()
  const me = useApi('GET /api/user/me')
  const orders = useApi('GET /api/transfer/orders', { query: { size: '30' } })
  const recents = [
    ...new Set(
      orders.data?.items.map(({ direction, from_uid, to_uid }) => (direction === 'out' ? to_uid : from_uid)) ?? [],
    ),
  ].slice(0, 5)
  const find = (q: string) =>
    run(async () => {
      onFound(await api('GET /api/transfer/lookup', { query: { q: q.trim() } }))
    })
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, for who came by a request's link
  useEffect(() => {
    if (asked !== '') void find(asked)
  }, [])
  const isMe = me.data?.uid === to.trim().toUpperCase()
  const problem = isMe
    ? say('self')
    : isRefusal(error, 'NotFound', 'RecipientUnavailable', 'InvalidParams')
      ? say('nobody')
      : isRefusal(error, 'SelfTransfer')
        ? error.message
        : undefined
  return (
    <Screen
      title={say('title')}
      back="/"
      action={
        <Button look="primary" wide busy={busy} disabled={to.trim() === '' || isMe} onClick={() => void find(to)}>
          {say('find')}
        </Button>
      }
    >
      <form
        onSubmit={(event) => {
          event.preventDefault()
          if (to.trim() !== '' && !isMe) void find(to)
        }}
      >
        <TextField
          label={say('toLabel')}
          hint={say('toHint')}
          error={problem}
          value={to}
          onChange={(event) => setTo(event.target.value)}
          autoComplete="off"
          autoCapitalize="characters"
          spellCheck={false}
          enterKeyHint="search"
        />
      </form>
      {!problem && <Problem error={error} />}
      {recents.length > 0 && (
        <Section title={say('recents')} className="mt-5">
          <ul className={rowsLook}>
            {recents.map((uid) => (
              <li key={uid}>
                <button
                  type="button"
                  className={rowLook}
                  onClick={() => {
                    setTo(uid)
                    void navigate({ to: '/app/send', search: {} as never, replace: true })
                    void find(uid)
                  }}
                >
                  <RowBody
                    icon={<Avatar name={uid.slice(-2)} />}
                    title={<span className="figures">{uid}</span>}
                    leads
                  />
                </button>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </Screen>
  )
}

interface HowMuchProps {
  recipient: Recipient
  asked: { amount: string; note: string }
  title: string
  onChange(): void
  onSent(sent: Sent): void
}

function HowMuch({ recipient, asked, title, onChange, onSent }: HowMuchProps) {
  const say = useSendWords()
  const [amount, setAmount] = useState(asked.amount)
  const [note, setNote] = useState(asked.note)
  const [step, setStep] = useState<'form' | 'review' | 'proof'>('form')
  const balance = useApi('GET /api/account/balance')
  const available = balance.data?.main.available ?? '0'
  const isAbove = balance.data !== undefined && (parseUnits(amount) ?? 0n) > (parseUnits(available) ?? 0n)
  const ready = isPositive(amount) && !isAbove
  const send = async (proof: Proof) => {
    const body = { to_user_id: recipient.user_id, amount, ...(note.trim() ? { memo: note.trim() } : {}) }
    const answer = await payOnce('transfer', body, (idempotencyKey) =>
      api('POST /api/transfer', { body: { ...body, ...proof }, idempotencyKey }),
    )
    tellChanged('GET /api/account/balance', 'GET /api/account/ledger', 'GET /api/transfer/orders')
    onSent(answer)
  }
  return (
    <Screen
      title={title}
      back="/"
      onBack={onChange}
      action={
        <Button look="primary" wide disabled={!ready} onClick={() => setStep('review')}>
          {isAbove ? say('above') : say('continue')}
        </Button>
      }
    >
      <div className="flex items-center gap-3 rounded-card border border-line bg-surface px-4 py-3">
        <Avatar name={recipient.name_masked} />
        <div className="min-w-0 flex-1">
          <p className="font-semibold">{recipient.name_masked}</p>
          <p className="figures text-sm text-dim">{recipient.uid}</p>
        </div>
        <Button small look="quiet" onClick={onChange}>
          {say('change')}
        </Button>
      </div>
      <p className="mt-2 text-sm text-dim">{say('confirmName')}</p>
      <div className="mt-6 space-y-3">
        <AmountField
          label={say('amount')}
          value={amount}
          onChange={setAmount}
          hint={balance.data && say('available', { amount: grouped(available) })}
          error={isAbove && say('above')}
          max={balance.data && { label: say('max'), value: available }}
          autoFocus={asked.amount === ''}
        />
        <TextField
          label={say('note')}
          hint={say('noteHint')}
          value={note}
          maxLength={64}
          onChange={(event) => setNote(event.target.value)}
          autoComplete="off"
        />
      </div>
      <Sheet open={step === 'review'} onClose={() => setStep('form')} title={say('review')}>
        <p className="pt-1 pb-3 text-4xl font-semibold">
          <Amount value={amount || '0'} unit="USDT" always />
        </p>
        <Facts
          facts={[
            { label: say('to'), value: `${recipient.name_masked} · ${recipient.uid}` },
            { label: say('fee'), value: say('free') },
            { label: say('arrives'), value: say('atOnce') },
            note.trim() !== '' && { label: say('note'), value: note.trim() },
          ]}
        />
        <Button look="primary" wide className="mt-5" onClick={() => setStep('proof')}>
          {say('confirm')}
        </Button>
      </Sheet>
      <MoneyProof
        open={step === 'proof'}
        onClose={() => setStep('review')}
        about={
          <>
            <Amount value={amount || '0'} unit="USDT" always /> → {recipient.name_masked}
          </>
        }
        onProof={send}
      />
    </Screen>
  )
}

function Receipt({ sent }: { sent: Sent & { name: string } }) {
  const say = useSendWords()
  const receipt = say('receipt', {
    amount: grouped(sent.amount),
    when: instantText(sent.created_at),
    id: sent.transfer_id,
  })
  return (
    <Screen
      title={say('done')}
      action={
        <div className="grid gap-2">
          <Link
            to="/"
            replace
            className="flex min-h-12 items-center justify-center rounded-control bg-accent px-5 font-medium text-on-accent hover:bg-accent-hover"
          >
            {say('home')}
          </Link>
          {'share' in navigator && (
            <Button look="quiet" wide onClick={() => void navigator.share({ text: receipt }).catch(() => {})}>
              {say('share')}
            </Button>
          )}
        </div>
      }
    >
      <div role="status" className="flex flex-col items-center pt-8 pb-6 text-center">
        <CircleCheck aria-hidden className="size-14 text-accent" strokeWidth={1.5} />
        <p className="mt-4 text-4xl font-semibold">
          <Amount value={sent.amount} unit="USDT" always />
        </p>
        <p className="mt-1 text-dim">{say('sentTo', { name: sent.name })}</p>
      </div>
      <Facts
        facts={[
          { label: say('fee'), value: say('free') },
          { label: say('when'), value: instantText(sent.created_at) },
          { label: say('id'), value: <code className="font-mono text-xs">{sent.transfer_id}</code> },
        ]}
      />
    </Screen>
  )
}
