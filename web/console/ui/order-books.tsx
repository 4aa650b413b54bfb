// What an order moved and held in the ledger: its journals, each summing to zero, and its holds.

import { Problem } from '../../kit/ui/problem.tsx'
import { useAsk } from '../api/ask.ts'
import { useWords } from '../words.ts'
import { Ident } from './ident.tsx'
import { JournalTable } from './journal.tsx'
import { Money } from './money.tsx'
import { Part } from './page.tsx'
import { Standing } from './state.tsx'

type Order = NonNullable<ReturnType<typeof useAsk<'GET /orders/{id}'>>['data']>

export function OrderBooks({ id }: { id: string }) {
  const { data, error } = useAsk('GET /orders/{id}', { path: { id } })
  if (error) return <Problem error={error} className="mt-6" />
  return data ? <Books order={data} /> : null
}

export function Books({ order }: { order: Pick<Order, 'journals' | 'holds'> }) {
  const words = useWords()
  return (
    <>
      <Part title={words('journals')}>
        {order.journals.length === 0 && <p className="text-[13px] text-dim">{words('noJournals')}</p>}
        {order.journals.map((journal) => (
          <JournalTable key={journal.id} journal={journal} />
        ))}
      </Part>
      {order.holds.length > 0 && (
        <Part title={words('holds')}>
          <ul className="text-[13px]">
            {order.holds.map((hold) => (
              <li
                key={hold.id}
                className="flex flex-wrap items-center gap-x-4 border-b border-line py-1.5 last:border-0"
              >
                <Standing value={hold.status} open="held" />
                <Money value={hold.amount} />
                <span className="font-mono text-xs">{hold.account}</span>
                <Ident value={hold.id} ends={4} />
              </li>
            ))}
          </ul>
        </Part>
      )}
    </>
  )
}
