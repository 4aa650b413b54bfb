// A remittance: whom, and two amounts of which either can be typed; rate, fee and what arrives before anything is agreed to.
// Must stay true: what is shown is the server's quote, digit for digit; the amount worked out from what should arrive is
// only a question to it.

import { Link, useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { type DataOf, isRefusal } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { grouped, isPositive, parseUnits, unitsText } from '../../../kit/money.ts'
import { Amount } from '../../../kit/ui/amount.tsx'
import { AmountField } from '../../../kit/ui/amount-field.tsx'
import { Avatar } from '../../../kit/ui/avatar.tsx'
import { Button } from '../../../kit/ui/button.tsx'
import { Empty, Facts, RowBody, rowLook, rowsLook } from '../../../kit/ui/list.tsx'
import { Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Sheet } from '../../../kit/ui/sheet.tsx'
import { SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { Screen } from '../../frame/screen.tsx'
import { payOnce } from '../../proof/intent.ts'
import { MoneyProof, type Proof } from '../../proof/money-proof.tsx'
import { useRemitWords } from './remit-words.ts'

type Recipient = DataOf<'GET /api/remittance/recipients'>[number]
type Quote = DataOf<'GET /api/remittance/preview'>

const link =
  'flex min-h-12 items-center justify-center rounded-control bg-accent px-5 font-medium text-on-accent hover:bg-accent-hover'

export function RemitScreen() {
  const say = useRemitWords()
  const recipients = useApi('GET /api/remittance/recipients')
  const [chosen, setChosen] = useState<Recipient>()
  const ready = recipients.data?.filter(({ review_status }) => review_status === 'approved') ?? []
  if (chosen) return <HowMuch recipient={chosen} onChange={() => setChosen(undefined)} />
  return (
    <Screen
      title={say('title')}
      back="/"
      aside={
        <Link to="/app/remit/orders" className="flex min-h-11 items-center text-sm font-medium text-accent">
          {say('orders')}
        </Link>
      }
    >
      {recipients.data ? (
        ready.length === 0 ? (
          <Empty
            title={say('noneApproved')}
            action={
              <Link
                to={recipients.data.length > 0 ? '/app/remit/recipients' : '/app/remit/recipients/new'}
                className={link}
              >
                {say(recipients.data.length > 0 ? 'recipients' : 'add')}
              </Link>
            }
          >
            {say('noneAbout')}
          </Empty>
        ) : (
          <>
            <h2 className="mb-1 text-base font-semibold">{say('choose')}</h2>
            <ul className={rowsLook}>
              {ready.map((each) => (
                <li key={each.id}>
                  <button type="button" className={rowLook} onClick={() => setChosen(each)}>
                    <RowBody
                      icon={<Avatar name={each.account_holder} />}
                      title={each.nickname || each.account_holder}
                      about={`${each.bank_name} · ${each.account_number}`}
                      leads
                    />
                  </button>
                </li>
              ))}
            </ul>
            <Link to="/app/remit/recipients/new" className="mt-3 flex min-h-11 items-center font-medium text-accent">
              {say('add')}
            </Link>
          </>
        )
      ) : recipients.error ? (
        <Problem error={recipients.error} onRetry={() => void recipients.refetch()} />
      ) : (
        <SkeletonRows count={3} />
      )}
    </Screen>
  )
}

/** The principal from which at least so much arrives: CNH ÷ rate, rounded up to the cent. */
function principalFor(cnh: string, rate: string): string {
  const [wanted, price] = [parseUnits(cnh), parseUnits(rate)]
  if (!wanted || !price) return ''
  const cents = (wanted * 100n + price - 1n) / price
  return unitsText(cents * 10_000n)
}

function HowMuch({ recipient, onChange }: { recipient: Recipient; onChange(): void }) {
  const say = useRemitWords()
  const navigate = useNavigate()
  const balance = useApi('GET /api/account/balance')
  const [typed, setTyped] = useState<{ side: 'send' | 'get'; text: string }>({ side: 'send', text: '' })
  const [rate, setRate] = useState('')
  const [step, setStep] = useState<'form' | 'review' | 'proof'>('form')
  const amount = typed.side === 'send' ? typed.text : principalFor(typed.text, rate)
  const asked = useSettled(amount)
  // a first question for the rate, until an amount is there
  const query = { recipient_id: recipient.id, amount: isPositive(asked) ? asked : '100' }
  const preview = useApi('GET /api/remittance/preview', { query }, { keep: true })
  const isCurrent = isPositive(amount) && asked === amount && !preview.isPlaceholderData
  const quote = isCurrent ? preview.data : undefined
  const known = preview.data?.rate
  useEffect(() => {
    if (known) setRate(known)
  }, [known])
  const left = useSecondsLeft(quote?.expires_at, () => void preview.refetch())
  const available = balance.data?.main.available ?? '0'
  const isAbove =
    quote !== undefined &&
    balance.data !== undefined &&
    (parseUnits(quote.total_debit) ?? 0n) > (parseUnits(available) ?? 0n)
  const submit = async (proof: Proof) => {
    if (!quote) return
    const meant = { recipient_id: recipient.id, amount: quote.principal }
    const answer = await payOnce('remittance', meant, (idempotencyKey) =>
      api('POST /api/remittance/submit', {
        body: {
          ...meant,
          expected_total_debit: quote.total_debit,
          expected_recipient_cnh: quote.recipient_cnh,
          ...proof,
        },
        idempotencyKey,
      }),
    )
    tellChanged('GET /api/account/balance', 'GET /api/account/ledger', 'GET /api/remittance/orders')
    void navigate({ to: `/app/remit/orders/${answer.id}`, replace: true })
  }
  const error =
    isPositive(asked) || isRefusal(preview.error, 'RateUnavailable', 'IdentityRequired') ? preview.error : null
  return (
    <Screen
      title={say('title')}
      back="/"
      onBack={onChange}
      action={
        <Button
          look="primary"
          wide
          disabled={!quote || isAbove || Boolean(error)}
          busy={isPositive(amount) && preview.isFetching && !quote}
          onClick={() => setStep('review')}
        >
          {isAbove ? say('above') : say('continue')}
        </Button>
      }
    >
      <button type="button" onClick={onChange} className={rowLook}>
        <RowBody
          icon={<Avatar name={recipient.account_holder} />}
          title={recipient.nickname || recipient.account_holder}
          about={`${recipient.bank_name} · ${recipient.account_number}`}
          leads
        />
      </button>
      <div className="mt-4 space-y-4">
        <AmountField
          label={say('youSend')}
          value={amount}
          onChange={(text) => setTyped({ side: 'send', text })}
          decimals={2}
          hint={balance.data && say('available', { amount: grouped(available) })}
          error={isAbove && say('above')}
        />
        <AmountField
          label={say('theyGet')}
          unit="CNH"
          value={typed.side === 'get' ? typed.text : (quote?.recipient_cnh ?? '')}
          onChange={(text) => setTyped({ side: 'get', text })}
          decimals={2}
        />
      </div>
      <div aria-live="polite">
        {isRefusal(error, 'IdentityRequired') ? (
          <Notice
            tone="warn"
            className="mt-3"
            action={
              <Link to="/app/kyc" className="font-semibold underline underline-offset-4">
                {say('verify')}
              </Link>
            }
          >
            {say('needIdentity')}
          </Notice>
        ) : (
          <Problem error={error} onRetry={() => void preview.refetch()} className="mt-3" />
        )}
      </div>
      {quote && !error ? (
        <Costs quote={quote} left={left} />
      ) : (
        rate !== '' && <p className="figures mt-4 text-sm text-dim">{say('rateAt', { rate })}</p>
      )}
      {quote && (
        <Sheet open={step === 'review'} onClose={() => setStep('form')} title={say('review')}>
          <p className="text-sm text-dim">{say('theyGet')}</p>
          <p className="pb-2 text-4xl font-semibold">
            <Amount value={quote.recipient_cnh} unit="CNH" always />
          </p>
          <Facts
            facts={[
              {
                label: say('to'),
                value: `${recipient.account_holder} · ${recipient.bank_name} ${recipient.account_number}`,
              },
            ]}
          />
          <Costs quote={quote} left={left} />
          <Button look="primary" wide className="mt-4" onClick={() => setStep('proof')}>
            {say('confirm')}
          </Button>
        </Sheet>
      )}
      <MoneyProof
        open={step === 'proof'}
        onClose={() => setStep('review')}
        about={quote && `${grouped(quote.total_debit)} USDT → ${grouped(quote.recipient_cnh)} CNH`}
        onProof={submit}
      />
    </Screen>
  )
}

function Costs({ quote, left }: { quote: Quote; left: number | undefined }) {
  const say = useRemitWords()
  return (
    <Facts
      className="mt-3"
      facts={[
        { label: say('youSend'), value: <Amount value={quote.principal} unit="USDT" always /> },
        {
          label: say('rate'),
          value: (
            <span className="figures">
              × {quote.rate}
              {left !== undefined && (
                <span className="ml-2 text-xs font-normal text-dim">{say('lockedFor', { count: left })}</span>
              )}
            </span>
          ),
        },
        { label: say('theyGet'), value: <Amount value={quote.recipient_cnh} unit="CNH" always />, strong: true },
        {
          label: say('fee'),
          value: (
            <>
              <Amount value={quote.fee_usdt} unit="USDT" always />
              <span className="figures ml-2 text-xs font-normal text-dim">
                {say('feeShown', { amount: quote.display_fee_cny })}
              </span>
            </>
          ),
        },
        { label: say('total'), value: <Amount value={quote.total_debit} unit="USDT" always /> },
        { label: say('arrives'), value: say('arrivesText') },
      ]}
    />
  )
}

/** The text once nobody has typed for a moment: a quote a keystroke would be too many. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), 350)
    return () => clearTimeout(timer)
  }, [text])
  return settled
}

/** Seconds until an instant, and what is done when it is there. */
function useSecondsLeft(until: string | undefined, onOver: () => void): number | undefined {
  const [now, setNow] = useState(() => Date.now())
  const left = until === undefined ? undefined : Math.max(0, Math.ceil((new Date(until).getTime() - now) / 1000))
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 1_000)
    return () => clearInterval(timer)
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: once, when the time is up
  useEffect(() => {
    if (left === 0) onOver()
  }, [left === 0])
  return left
}
