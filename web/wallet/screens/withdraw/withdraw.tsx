// A withdrawal: where to, on which chain, how much, what it costs and what arrives, the review, the proof.
// Must stay true: the destination is shown whole in the review; the fee that is agreed to is the one that is charged.

import { useNavigate } from '@tanstack/react-router'
import { BookUser } from 'lucide-react'
import { useDeferredValue, useState } from 'react'
import { type DataOf, isRefusal } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { grouped, isPositive, parseUnits } from '../../../kit/money.ts'
import { durationText } from '../../../kit/time.ts'
import { AddressText, shortAddress } from '../../../kit/ui/address.tsx'
import { Amount } from '../../../kit/ui/amount.tsx'
import { AmountField } from '../../../kit/ui/amount-field.tsx'
import { Button } from '../../../kit/ui/button.tsx'
import { TextField } from '../../../kit/ui/field.tsx'
import { Facts, RowBody, rowLook, rowsLook, Section } from '../../../kit/ui/list.tsx'
import { Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Sheet } from '../../../kit/ui/sheet.tsx'
import { SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { Screen } from '../../frame/screen.tsx'
import { payOnce } from '../../proof/intent.ts'
import { MoneyProof, type Proof } from '../../proof/money-proof.tsx'
import { NetworkPicker } from '../deposit/network-picker.tsx'
import { addressIn, familyOf } from './address-form.ts'
import { useWithdrawalWords } from './withdrawal-words.ts'

type Network = DataOf<'GET /api/withdrawal/usdt/networks'>['items'][number]
type Quote = DataOf<'GET /api/withdrawal/usdt/quote'>

export function WithdrawScreen() {
  const say = useWithdrawalWords()
  const navigate = useNavigate()
  const networks = useApi('GET /api/withdrawal/usdt/networks')
  const balance = useApi('GET /api/account/balance')
  const [to, setTo] = useState('')
  const [chosen, setChosen] = useState<string>()
  const [amount, setAmount] = useState('')
  const [sure, setSure] = useState(false)
  const [step, setStep] = useState<'form' | 'book' | 'review' | 'proof'>('form')

  const family = familyOf(to)
  const all = networks.data?.items ?? []
  const fitting = family ? all.filter((each) => each.family === family) : all
  const network = all.find(({ chain }) => chain === chosen) ?? (family ? cheapest(fitting) : undefined)
  const mismatch = family !== undefined && network !== undefined && network.family !== family
  const available = balance.data?.main.available ?? '0'
  const amountError = useAmountError(amount, network, available, networks.data?.left_today)
  const asked = useDeferredValue({ chain: network?.chain ?? '', amount, to_address: to.trim() })
  const canAsk = network !== undefined && isPositive(amount) && !amountError && family !== undefined && !mismatch
  const quote = useApi(
    'GET /api/withdrawal/usdt/quote',
    { query: asked },
    { enabled: canAsk && asked.amount === amount, every: 30_000, keep: true },
  )
  const shown = canAsk ? quote.data : undefined
  const isLookalike = shown?.warnings.some(({ code }) => code === 'lookalike') ?? false
  const blocked =
    shown?.warnings.some(({ code }) => ['insufficient_balance', 'limit_exceeded', 'held'].includes(code)) ?? false
  const addressError =
    to.trim() === '' || family === undefined
      ? to.trim().length > 20
        ? say('notAddress')
        : undefined
      : mismatch
        ? say('mismatch', { network: network.network })
        : isRefusal(
              quote.error,
              'AddressInvalid',
              'AddressForbidden',
              'AddressOfCustomer',
              'AddressNotListed',
              'AddressTooNew',
            )
          ? quote.error.message
          : undefined
  const ready =
    shown !== undefined &&
    !blocked &&
    !addressError &&
    !quote.error &&
    (!isLookalike || sure) &&
    !quote.isPlaceholderData

  const withdraw = async (proof: Proof) => {
    if (!shown) return
    const body = {
      chain: shown.chain,
      to_address: shown.to_address ?? to.trim(),
      amount,
      expected_fee: shown.fee,
      ...(isLookalike ? { confirm_lookalike: true } : {}),
    }
    try {
      const answer = await payOnce('withdrawal', body, (idempotencyKey) =>
        api('POST /api/withdrawal/usdt', { body: { ...body, ...proof }, idempotencyKey }),
      )
      tellChanged('GET /api/account/balance', 'GET /api/withdrawal/usdt/orders', 'GET /api/withdrawal/usdt/networks')
      void navigate({ to: `/app/withdrawals/${answer.order_id}`, replace: true })
    } catch (error) {
      if (isRefusal(error, 'FeeChanged')) void quote.refetch()
      throw error
    }
  }

  return (
    <Screen
      title={say('title')}
      back="/"
      action={
        <Button
          look="primary"
          wide
          disabled={!ready}
          busy={canAsk && quote.isFetching && !shown}
          onClick={() => setStep('review')}
        >
          {say('continue')}
        </Button>
      }
    >
      <TextField
        label={say('to')}
        hint={say('toHint')}
        error={addressError}
        value={to}
        onChange={(event) => {
          setTo(addressIn(event.target.value))
          setSure(false)
        }}
        autoComplete="off"
        autoCapitalize="none"
        spellCheck={false}
        className="font-mono text-sm"
        aside={
          <button
            type="button"
            onClick={() => setStep('book')}
            className="-my-2 flex min-h-9 items-center gap-1 font-medium text-accent"
          >
            <BookUser aria-hidden className="size-4" />
            {say('book')}
          </button>
        }
      />
      <Section title={say('network')} className="mt-4">
        {networks.data ? (
          <NetworkPicker
            label={say('network')}
            value={network?.chain}
            onChange={setChosen}
            choices={all.map((each) => ({
              chain: each.chain,
              name: each.network,
              disabled: !each.enabled || (family !== undefined && each.family !== family),
              facts: each.enabled
                ? say('networkFacts', { fee: grouped(each.fee), time: durationText(each.eta_seconds) })
                : say('networkOff'),
            }))}
          />
        ) : networks.error ? (
          <Problem error={networks.error} onRetry={() => void networks.refetch()} />
        ) : (
          <SkeletonRows count={3} />
        )}
      </Section>
      <div className="mt-6">
        <AmountField
          label={say('amount')}
          value={amount}
          onChange={setAmount}
          hint={balance.data && say('available', { amount: grouped(available) })}
          error={amountError}
          max={balance.data && { label: say('max'), value: available }}
        />
      </div>
      <div aria-live="polite" className="mt-3 space-y-3">
        {shown?.warnings
          .filter(({ code }) => code !== 'lookalike' && code !== 'new_address')
          .map(({ code, message }) => (
            <Notice key={code} tone="warn">
              {message}
            </Notice>
          ))}
        {isLookalike && shown?.similar_to && <Lookalike known={shown.similar_to} sure={sure} onSure={setSure} />}
        {canAsk && !addressError && <Problem error={quote.error} onRetry={() => void quote.refetch()} />}
      </div>
      {shown && !quote.error && <Costs quote={shown} left={networks.data?.left_today} />}
      {shown && (
        <Sheet open={step === 'review'} onClose={() => setStep('form')} title={say('reviewSheet')}>
          <p className="text-sm text-dim">{say('theyReceive')}</p>
          <p className="pb-3 text-4xl font-semibold">
            <Amount value={shown.amount_net} unit="USDT" always />
          </p>
          <div className="rounded-card border border-line px-4 py-3">
            <p className="mb-1 text-sm text-dim">
              {say('to')} · {shown.network}
            </p>
            <AddressText address={shown.to_address ?? to} />
          </div>
          <Notice tone="warn" className="mt-3">
            {say('checkAddress')}
          </Notice>
          <Costs quote={shown} left={undefined} />
          <Button look="primary" wide className="mt-4" onClick={() => setStep('proof')}>
            {say('confirm')}
          </Button>
        </Sheet>
      )}
      <MoneyProof
        open={step === 'proof'}
        onClose={() => setStep('review')}
        about={shown && `${grouped(amount)} USDT → ${shortAddress(shown.to_address ?? to)}`}
        onProof={withdraw}
      />
      <Book
        open={step === 'book'}
        onClose={() => setStep('form')}
        onPick={(address, chain) => {
          setTo(address)
          setChosen(chain)
          setSure(false)
          setStep('form')
        }}
      />
    </Screen>
  )
}

const cheapest = (networks: readonly Network[]): Network | undefined =>
  [...networks]
    .filter(({ enabled }) => enabled)
    .sort((a, b) => ((parseUnits(a.fee) ?? 0n) < (parseUnits(b.fee) ?? 0n) ? -1 : 1))[0]

/** What is wrong with an amount as it is typed, before anybody is asked. */
function useAmountError(
  amount: string,
  network: Network | undefined,
  available: string,
  leftToday: string | undefined,
) {
  const say = useWithdrawalWords()
  const units = parseUnits(amount)
  if (units === null || units === 0n) return undefined
  const of = (text: string) => parseUnits(text) ?? 0n
  if (units > of(available)) return say('above')
  if (network && units < of(network.min)) return say('below', { amount: grouped(network.min) })
  if (network && units > of(network.max)) return say('aboveMax', { amount: grouped(network.max) })
  if (leftToday !== undefined && units > of(leftToday)) return say('aboveDay', { amount: grouped(leftToday) })
  return undefined
}

function Costs({ quote, left }: { quote: Quote; left: string | undefined }) {
  const say = useWithdrawalWords()
  return (
    <>
      <Facts
        className="mt-3"
        facts={[
          { label: say('youSend'), value: <Amount value={quote.amount} unit="USDT" always /> },
          { label: say('fee'), value: <Amount value={quote.fee} unit="USDT" always /> },
          { label: say('theyReceive'), value: <Amount value={quote.amount_net} unit="USDT" always />, strong: true },
          quote.eta_seconds !== null && { label: say('eta'), value: durationText(quote.eta_seconds) },
          left !== undefined && { label: say('leftToday'), value: <Amount value={left} unit="USDT" always /> },
        ]}
      />
      {quote.needs_review && <Notice className="mt-3">{say('needsReview')}</Notice>}
    </>
  )
}

function Lookalike({ known, sure, onSure }: { known: string; sure: boolean; onSure(sure: boolean): void }) {
  const say = useWithdrawalWords()
  return (
    <Notice tone="bad">
      <p>{say('lookalike')}</p>
      <p className="mt-2 text-dim">{say('lookalikeKnown')}</p>
      <AddressText address={known} />
      <label className="mt-3 flex min-h-11 items-center gap-3 font-medium">
        <input
          type="checkbox"
          className="size-5 accent-danger"
          checked={sure}
          onChange={(event) => onSure(event.target.checked)}
        />
        {say('lookalikeSure')}
      </label>
    </Notice>
  )
}

function Book({
  open,
  onClose,
  onPick,
}: {
  open: boolean
  onClose(): void
  onPick(address: string, chain: string): void
}) {
  const say = useWithdrawalWords()
  const navigate = useNavigate()
  const book = useApi('GET /api/withdrawal/addresses', {}, { enabled: open })
  return (
    <Sheet open={open} onClose={onClose} title={say('fromBook')}>
      {book.data ? (
        <>
          {book.data.length === 0 && <p className="py-4 text-dim">{say('bookEmpty')}</p>}
          <ul className={rowsLook}>
            {book.data.map((entry) => (
              <li key={entry.id}>
                <button type="button" className={rowLook} onClick={() => onPick(entry.address, entry.chain)}>
                  <RowBody
                    title={entry.label}
                    about={<code className="font-mono text-xs">{shortAddress(entry.address)}</code>}
                    right={entry.chain}
                  />
                </button>
              </li>
            ))}
          </ul>
          <Button wide className="mt-3" onClick={() => void navigate({ to: '/app/addresses' })}>
            {say('addTitle')}
          </Button>
        </>
      ) : book.error ? (
        <Problem error={book.error} onRetry={() => void book.refetch()} />
      ) : (
        <SkeletonRows count={3} />
      )}
    </Sheet>
  )
}
