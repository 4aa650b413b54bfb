// One entry of the statement: what it was, when, how much and which way; a press shows all of it.

import {
  ArrowDownLeft,
  ArrowDownToLine,
  ArrowUpFromLine,
  ArrowUpRight,
  CreditCard,
  Landmark,
  type LucideIcon,
  Repeat2,
  Scale,
  Sprout,
} from 'lucide-react'
import { useState } from 'react'
import type { DataOf } from '../../../kit/api/http.ts'
import { instantText } from '../../../kit/time.ts'
import { Amount } from '../../../kit/ui/amount.tsx'
import { CopyRow } from '../../../kit/ui/copy.tsx'
import { Facts, RowBody, rowLook } from '../../../kit/ui/list.tsx'
import { Sheet } from '../../../kit/ui/sheet.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { useActivityWords } from './activity-words.ts'

export type StatementLine = DataOf<'GET /api/account/ledger'>['items'][number]

function iconOf({ biz_type, direction }: StatementLine): LucideIcon {
  if (biz_type.startsWith('recharge')) return ArrowDownToLine
  if (biz_type === 'withdraw') return ArrowUpFromLine
  if (biz_type === 'transfer_internal') return Repeat2
  if (biz_type.startsWith('card')) return CreditCard
  if (biz_type.startsWith('remittance')) return Landmark
  if (biz_type.startsWith('node') || biz_type.startsWith('commission')) return Sprout
  if (biz_type === 'adjustment' || biz_type === 'reversal') return Scale
  return direction === 'credit' ? ArrowDownLeft : ArrowUpRight
}

export function StatementRow({ line }: { line: StatementLine }) {
  const say = useActivityWords()
  const [open, setOpen] = useState(false)
  const Icon = iconOf(line)
  // a note of the sender's stands in the place of what it is
  const isNoted = line.biz_type === 'transfer'
  const way = line.direction === 'credit' ? 'in' : 'out'
  const account = line.account_type === 'node' ? 'node' : line.account_type === 'card' ? 'cardAccount' : 'main'
  return (
    <>
      <button type="button" onClick={() => setOpen(true)} className={rowLook}>
        <RowBody
          icon={<Icon aria-hidden className="size-[18px]" />}
          title={line.memo}
          about={
            <>
              {isNoted && `${say('payment')} · `}
              <When at={line.created_at} />
            </>
          }
          right={<Amount value={line.amount} unit={line.asset === 'USDT' ? '' : line.asset} way={way} />}
        />
      </button>
      <Sheet open={open} onClose={() => setOpen(false)} title={line.memo}>
        <p className="py-2 text-3xl font-semibold">
          <Amount value={line.amount} unit={line.asset} way={way} />
        </p>
        <Facts
          facts={[
            { label: say('account'), value: say(account) },
            { label: say('after'), value: <Amount value={line.balance_after} unit={line.asset} /> },
            { label: say('when'), value: instantText(line.created_at) },
          ]}
        />
        <p className="mt-3 mb-1 text-sm text-dim">{say('id')}</p>
        <CopyRow text={line.id} className="text-xs">
          <code className="font-mono">{line.id}</code>
        </CopyRow>
      </Sheet>
    </>
  )
}
