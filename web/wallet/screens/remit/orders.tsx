// Remittances that were sent: the list, and one with its dated steps and its receipt.

import { Link, useParams } from '@tanstack/react-router'
import { Check, CircleDot, Download, X } from 'lucide-react'
import type { DataOf } from '../../../kit/api/http.ts'
import { read } from '../../../kit/api/http.ts'
import { askSigned } from '../../../kit/api/session.ts'
import { useApi } from '../../../kit/api/use-api.ts'
import { instantText } from '../../../kit/time.ts'
import { Amount } from '../../../kit/ui/amount.tsx'
import { Button } from '../../../kit/ui/button.tsx'
import { CopyRow } from '../../../kit/ui/copy.tsx'
import { cx } from '../../../kit/ui/cx.ts'
import { Empty, Facts, RowBody, rowLook, rowsLook, Section } from '../../../kit/ui/list.tsx'
import { Chip, Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'
import { useRemitWords } from './remit-words.ts'

type Order = DataOf<'GET /api/remittance/orders'>['items'][number]
const words = {
  review: 'reviewState',
  processing: 'processing',
  completed: 'completed',
  failed: 'failed',
  rejected: 'rejected',
  returned: 'returned',
} as const
const tones = {
  review: 'warn',
  processing: 'info',
  completed: 'good',
  failed: 'bad',
  rejected: 'bad',
  returned: 'warn',
} as const
const ended = ['failed', 'rejected', 'returned']

export function RemitOrdersScreen() {
  const say = useRemitWords()
  const orders = useApi('GET /api/remittance/orders', { query: { size: '50' } })
  return (
    <Screen title={say('orders')} back="/app/remit">
      {orders.data ? (
        orders.data.items.length === 0 ? (
          <Empty
            title={say('ordersEmpty')}
            action={
              <Link to="/app/remit" className="font-medium text-accent underline underline-offset-4">
                {say('title')}
              </Link>
            }
          />
        ) : (
          <ul className={rowsLook}>
            {orders.data.items.map((order) => (
              <li key={order.id}>
                <Link to={`/app/remit/orders/${order.id}`} className={rowLook}>
                  <RowBody
                    title={order.account_holder}
                    about={
                      <>
                        {order.bank_name} {order.account_number} · <When at={order.created_at} />
                      </>
                    }
                    right={<Amount value={order.amount_cnh} unit="CNH" />}
                    rightAbout={<Chip tone={tones[order.status]}>{say(words[order.status])}</Chip>}
                    leads
                  />
                </Link>
              </li>
            ))}
          </ul>
        )
      ) : orders.error ? (
        <Problem error={orders.error} onRetry={() => void orders.refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </Screen>
  )
}

export function RemitOrderScreen() {
  const say = useRemitWords()
  const { id = '' } = useParams({ strict: false }) as { id?: string }
  const order = useApi('GET /api/remittance/orders/{id}', { path: { id } }, { every: 15_000 })
  const data = order.data
  return (
    <Screen title={say('order')} back="/app/remit/orders">
      {data ? (
        <>
          <p className="text-sm text-dim">{say('theyGet')}</p>
          <p className="mt-1 text-4xl font-semibold">
            <Amount value={data.amount_cnh} unit="CNH" />
          </p>
          <div aria-live="polite" className="mt-3">
            <Chip tone={tones[data.status]}>{say(words[data.status])}</Chip>
            {(data.reason || data.next_step) && (
              <Notice tone={tones[data.status]} className="mt-4">
                {[data.reason, data.next_step].filter(Boolean).join(' ')}
              </Notice>
            )}
          </div>
          <Section title={say('progress')}>
            <ol>
              {data.timeline.map((event, i) => {
                const isBad = ended.includes(event.status)
                const isLast = i === data.timeline.length - 1
                const Icon = isBad ? X : isLast && data.settled_at === null ? CircleDot : Check
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
                    {!isLast && <span aria-hidden className="absolute top-6 bottom-0 left-3 w-px bg-line" />}
                    <div className="min-w-0 flex-1">
                      <p className="flex items-baseline justify-between gap-3">
                        <span className="font-medium">{say(words[event.status])}</span>
                        <time dateTime={event.at} className="figures text-xs text-dim">
                          {instantText(event.at)}
                        </time>
                      </p>
                      {event.reason && <p className="text-sm text-dim">{event.reason}</p>}
                    </div>
                  </li>
                )
              })}
            </ol>
          </Section>
          <Facts
            facts={[
              { label: say('to'), value: `${data.account_holder} · ${data.bank_name} ${data.account_number}` },
              { label: say('youSend'), value: <Amount value={data.principal_usdt} unit="USDT" /> },
              { label: say('rate'), value: <span className="figures">× {data.rate}</span> },
              { label: say('fee'), value: <Amount value={data.fee_usdt} unit="USDT" /> },
              { label: say('total'), value: <Amount value={data.total_debit} unit="USDT" />, strong: true },
              { label: say('created'), value: instantText(data.created_at) },
            ]}
          />
          {data.status === 'completed' && <Receipt id={data.id} />}
          <p className="mt-4 mb-1 text-sm text-dim">{say('id')}</p>
          <CopyRow text={data.id}>
            <code className="font-mono text-xs">{data.id}</code>
          </CopyRow>
        </>
      ) : order.error ? (
        <Problem error={order.error} onRetry={() => void order.refetch()} />
      ) : (
        <SkeletonRows />
      )}
    </Screen>
  )
}

function Receipt({ id }: { id: Order['id'] }) {
  const say = useRemitWords()
  const { busy, error, run } = useAction()
  const download = () =>
    run(async () => {
      const answer = await askSigned('GET', `/api/remittance/orders/${encodeURIComponent(id)}/receipt`)
      if (!answer.ok) await read(answer)
      const link = document.createElement('a')
      link.href = URL.createObjectURL(await answer.blob())
      link.download = `${id}.pdf`
      link.click()
      URL.revokeObjectURL(link.href)
    })
  return (
    <>
      <Button
        wide
        busy={busy}
        className="mt-4"
        icon={<Download aria-hidden className="size-4" />}
        onClick={() => void download()}
      >
        {say('receipt')}
      </Button>
      <Problem error={error} className="mt-2" />
    </>
  )
}
