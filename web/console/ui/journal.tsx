// A journal as it is booked: who gave, who got, and that it sums to zero, worked out here from the legs themselves.
// Must stay true: sums are made in whole units, never floats; a journal that does not balance says so in red.

import { parseUnits } from '../../kit/money.ts'
import { instantText } from '../../kit/time.ts'
import { Chip } from '../../kit/ui/notice.tsx'
import { A } from '../frame/link.tsx'
import { useKinds } from '../kinds.ts'
import { useWords } from '../words.ts'
import { Ident } from './ident.tsx'
import { Money } from './money.tsx'

export interface Leg {
  account: string
  amount: string
  asset: string
}
interface Journal {
  id?: string
  kind: string
  memo?: string
  recorded_at?: string
  value_at?: string | null
  legs: readonly Leg[]
}

/** Units of the asset's finest decimal; amounts of one asset have one scale. */
function unitsOf(amount: string): bigint {
  const [whole = '0', part = ''] = amount.replace('-', '').split('.')
  const units = parseUnits(`${whole}.${part.slice(0, 6)}`) ?? 0n
  const fine = units * 1_000n + BigInt(part.slice(6, 9).padEnd(3, '0'))
  return amount.startsWith('-') ? -fine : fine
}

export const sumsToZero = (legs: readonly Leg[]): boolean => {
  const sums = new Map<string, bigint>()
  for (const { asset, amount } of legs) sums.set(asset, (sums.get(asset) ?? 0n) + unitsOf(amount))
  return [...sums.values()].every((sum) => sum === 0n)
}

export function JournalTable({ journal }: { journal: Journal }) {
  const say = useWords()
  const kinds = useKinds()
  const isZero = sumsToZero(journal.legs)
  return (
    <div className="mb-3 overflow-x-auto rounded-card border border-line bg-surface">
      <div className="flex flex-wrap items-center justify-between gap-2 border-b border-line px-3 py-2 text-[13px]">
        <span className="flex flex-wrap items-center gap-2">
          <span className="font-medium">{kinds(journal.kind)}</span>
          {journal.id && <Ident value={journal.id} to={`/ledger/journals/${journal.id}`} />}
          {journal.memo && <span className="text-dim">{journal.memo}</span>}
        </span>
        {journal.recorded_at && (
          <time dateTime={journal.recorded_at} className="figures text-dim">
            {instantText(journal.recorded_at)}
          </time>
        )}
      </div>
      <table className="w-full text-[13px]">
        <thead className="text-left text-xs text-dim">
          <tr>
            <th scope="col" className="px-3 py-1.5 font-medium">
              {say('account')}
            </th>
            <th scope="col" className="px-3 py-1.5 text-right font-medium">
              {say('debit')}
            </th>
            <th scope="col" className="px-3 py-1.5 text-right font-medium">
              {say('credit')}
            </th>
          </tr>
        </thead>
        <tbody>
          {journal.legs.map((leg, i) => {
            const isOut = leg.amount.startsWith('-')
            return (
              // biome-ignore lint/suspicious/noArrayIndexKey: legs keep their places
              <tr key={i} className="border-t border-line">
                <td className="px-3 py-1.5 font-mono text-xs">
                  <A to={`/ledger/accounts/${encodeURIComponent(leg.account)}`}>{leg.account}</A>
                </td>
                <td className="px-3 py-1.5 text-right">
                  {isOut && <Money value={leg.amount.slice(1)} unit={leg.asset} />}
                </td>
                <td className="px-3 py-1.5 text-right">{!isOut && <Money value={leg.amount} unit={leg.asset} />}</td>
              </tr>
            )
          })}
        </tbody>
        <tfoot className="border-t border-edge/50 text-xs">
          <tr>
            <td className="px-3 py-1.5 text-dim">{say('sum')}</td>
            <td colSpan={2} className="px-3 py-1.5 text-right">
              <Chip tone={isZero ? 'good' : 'bad'}>{isZero ? `0.00 · ${say('balanced')}` : '≠ 0'}</Chip>
            </td>
          </tr>
        </tfoot>
      </table>
    </div>
  )
}
