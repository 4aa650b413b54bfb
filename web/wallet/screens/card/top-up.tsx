// Putting money onto the card. It only goes in, which is said before, and has to be acknowledged.

import { useState } from 'react'
import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { grouped, isPositive, parseUnits } from '../../../kit/money.ts'
import { AmountField } from '../../../kit/ui/amount-field.tsx'
import { Button } from '../../../kit/ui/button.tsx'
import { SelectField } from '../../../kit/ui/field.tsx'
import { Notice } from '../../../kit/ui/notice.tsx'
import { Sheet } from '../../../kit/ui/sheet.tsx'
import { toast } from '../../../kit/ui/toast.tsx'
import { payOnce } from '../../proof/intent.ts'
import { MoneyProof, type Proof } from '../../proof/money-proof.tsx'
import { useCardWords } from './card-words.ts'

export function TopUp({ open, onClose }: { open: boolean; onClose(): void }) {
  const say = useCardWords()
  const balance = useApi('GET /api/account/balance', undefined, { enabled: open })
  const [from, setFrom] = useState<'main' | 'node'>('main')
  const [amount, setAmount] = useState('')
  const [understood, setUnderstood] = useState(false)
  const [proving, setProving] = useState(false)
  const available = balance.data?.[from].available ?? '0'
  const isAbove = balance.data !== undefined && (parseUnits(amount) ?? 0n) > (parseUnits(available) ?? 0n)
  const topUp = async (proof: Proof) => {
    const body = { from, to: 'card' as const, amount }
    await payOnce('card-topup', body, (idempotencyKey) =>
      api('POST /api/card/transfer', { body: { ...body, ...proof }, idempotencyKey }),
    )
    tellChanged('GET /api/account/balance', 'GET /api/account/ledger', 'GET /api/card/account')
    toast(say('topUpDone'))
    setProving(false)
    setAmount('')
    setUnderstood(false)
    onClose()
  }
  return (
    <>
      <Sheet open={open && !proving} onClose={onClose} title={say('topUp')}>
        <Notice tone="warn">{say('topUpAbout')}</Notice>
        <div className="mt-4 space-y-2">
          <SelectField
            label={say('from')}
            value={from}
            onChange={(next) => setFrom(next as 'main' | 'node')}
            choices={(['main', 'node'] as const).map((value) => ({ value, label: say(value) }))}
          />
          <AmountField
            label={say('amount')}
            value={amount}
            onChange={setAmount}
            decimals={2}
            hint={
              balance.data
                ? `${say('available', { amount: grouped(available) })} · ${say('wholeCents')}`
                : say('wholeCents')
            }
            error={isAbove && say('above')}
          />
          <label className="flex min-h-11 items-center gap-3">
            <input
              type="checkbox"
              className="size-5 accent-accent"
              checked={understood}
              onChange={(event) => setUnderstood(event.target.checked)}
            />
            {say('understood')}
          </label>
        </div>
        <Button
          look="primary"
          wide
          className="mt-3"
          disabled={!isPositive(amount) || isAbove || !understood}
          onClick={() => setProving(true)}
        >
          {say('confirmPin')}
        </Button>
      </Sheet>
      <MoneyProof
        open={proving}
        onClose={() => setProving(false)}
        about={`${grouped(amount || '0')} USDT → ${say('title')}`}
        onProof={topUp}
      />
    </>
  )
}
