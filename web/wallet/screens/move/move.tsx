// Moving money between one's own accounts: from, to, how much; at once and for nothing.

import { useNavigate } from '@tanstack/react-router'
import { ArrowDown } from 'lucide-react'
import { useState } from 'react'
import type { BodyOf } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { texts } from '../../../kit/language.ts'
import { grouped, isPositive, parseUnits } from '../../../kit/money.ts'
import { AmountField } from '../../../kit/ui/amount-field.tsx'
import { Button, IconButton } from '../../../kit/ui/button.tsx'
import { SelectField } from '../../../kit/ui/field.tsx'
import { toast } from '../../../kit/ui/toast.tsx'
import { Screen } from '../../frame/screen.tsx'
import { payOnce } from '../../proof/intent.ts'
import { MoneyProof, type Proof } from '../../proof/money-proof.tsx'

const useWords = texts('move', {
  title: ['账户划转', 'Move between accounts'],
  from: ['从', 'From'],
  to: ['到', 'To'],
  main: ['主账户', 'Main account'],
  node: ['节点账户', 'Node account'],
  futures: ['合约账户', 'Futures account'],
  swap: ['对调', 'Swap'],
  amount: ['金额', 'Amount'],
  max: ['全部', 'Max'],
  available: ['可用 {{amount}} USDT', '{{amount}} USDT available'],
  above: ['超出可用余额', 'More than there is'],
  confirm: ['确认并输入支付密码', 'Confirm with PIN'],
  done: ['划转成功', 'Moved'],
  free: ['即时到账,免手续费', 'At once, and free'],
})

type Body = BodyOf<'POST /api/account/transfer-internal'>
type From = Body['from']
type To = Body['to']
const FROM: readonly From[] = ['main', 'node', 'futures']
const TO: readonly To[] = ['main', 'node']

export function MoveScreen() {
  const say = useWords()
  const navigate = useNavigate()
  const balance = useApi('GET /api/account/balance')
  const [from, setFrom] = useState<From>('main')
  const [to, setTo] = useState<To>('node')
  const [amount, setAmount] = useState('')
  const [proving, setProving] = useState(false)
  const available = balance.data?.[from].available ?? '0'
  const isAbove = balance.data !== undefined && (parseUnits(amount) ?? 0n) > (parseUnits(available) ?? 0n)
  const other = (account: From | To): To => (account === 'main' ? 'node' : 'main')
  const move = async (proof: Proof) => {
    const body = { from, to, amount }
    await payOnce('move', body, (idempotencyKey) =>
      api('POST /api/account/transfer-internal', { body: { ...body, ...proof }, idempotencyKey }),
    )
    tellChanged('GET /api/account/balance', 'GET /api/account/ledger')
    toast(say('done'))
    void navigate({ to: '/', replace: true })
  }
  const choices = <A extends From | To>(accounts: readonly A[]) =>
    accounts.map((value) => ({ value, label: say(value) }))
  // the account for futures shows only to those who have something there
  const hasFutures = balance.data !== undefined && balance.data.futures.balance !== '0'
  return (
    <Screen
      title={say('title')}
      back="/"
      action={
        <Button look="primary" wide disabled={!isPositive(amount) || isAbove} onClick={() => setProving(true)}>
          {say('confirm')}
        </Button>
      }
    >
      <SelectField
        label={say('from')}
        value={from}
        onChange={(next) => {
          setFrom(next as From)
          if (next === to) setTo(other(to))
        }}
        choices={choices(FROM.filter((account) => account !== 'futures' || hasFutures))}
      />
      <IconButton
        label={say('swap')}
        disabled={from === 'futures'}
        onClick={() => {
          setFrom(to)
          setTo(from === 'node' ? 'node' : 'main')
        }}
        className="mx-auto -my-3 flex"
      >
        <ArrowDown aria-hidden className="size-5" />
      </IconButton>
      <SelectField
        label={say('to')}
        value={to}
        onChange={(next) => {
          setTo(next as To)
          if (next === from) setFrom(other(from))
        }}
        choices={choices(TO)}
        hint={say('free')}
      />
      <div className="mt-3">
        <AmountField
          label={say('amount')}
          value={amount}
          onChange={setAmount}
          hint={balance.data && say('available', { amount: grouped(available) })}
          error={isAbove && say('above')}
          max={balance.data && { label: say('max'), value: available }}
        />
      </div>
      <MoneyProof
        open={proving}
        onClose={() => setProving(false)}
        about={`${grouped(amount || '0')} USDT · ${say(from)} → ${say(to)}`}
        onProof={move}
      />
    </Screen>
  )
}
