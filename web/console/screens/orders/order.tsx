// Any order by its id: what it says, the steps it took, what it moved and held, and related things. A deposit that waits
// for a decision is decided from here.

import { useParams } from '@tanstack/react-router'
import { texts } from '../../../kit/language.ts'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { useAsk } from '../../api/ask.ts'
import { A } from '../../frame/link.tsx'
import { useKinds } from '../../kinds.ts'
import { Ident, Uid } from '../../ui/ident.tsx'
import { Money } from '../../ui/money.tsx'
import { Books } from '../../ui/order-books.tsx'
import { Columns, Lines, Page, Part, Strip } from '../../ui/page.tsx'
import { Raw } from '../../ui/raw.tsx'
import { State } from '../../ui/state.tsx'
import { Timeline } from '../../ui/timeline.tsx'
import { useWords } from '../../words.ts'
import { ProposeThis } from '../approvals/propose.tsx'
import { ReviewPanel } from '../approvals/review-panel.tsx'

const useOrderWords = texts('console order', {
  order: ['订单', 'Order'],
  credit: ['提议入账', 'Propose to credit'],
  keep: ['提议留置', 'Propose to keep aside'],
  creditAbout: ['将 {{amount}} 记入 {{uid}} 的账户。', 'Credits {{amount}} to {{uid}}.'],
  keepAbout: ['{{amount}} 不入账,留在待查账户。', '{{amount}} stays aside and is credited to nobody.'],
  related: ['相关', 'Related'],
  commissions: ['这笔订单产生的返佣', 'Commissions on its fee'],
  approvals: ['关于它的审批', 'Approvals about it'],
})

const amounts = new Set([
  'amount',
  'fee',
  'amount_received',
  'amount_credited',
  'owed',
  'total',
  'principal',
  'net',
  'upt',
])
const hashes = new Set(['tx_hash', 'from_address', 'to_address', 'address', 'contract'])

export function OrderScreen() {
  const { id } = useParams({ strict: false }) as { id: string }
  const say = useOrderWords()
  const words = useWords()
  const kinds = useKinds()
  const { data: order, error, refetch } = useAsk('GET /orders/{id}', { path: { id } })
  const subject = order && `${order.kind}:${order.id}`
  const { data: about } = useAsk(
    'GET /approvals',
    { query: { subject: subject ?? '' } },
    { enabled: subject !== undefined },
  )
  if (!order) {
    return (
      <Page title={say('order')}>
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Bone className="h-64 w-full" />}
      </Page>
    )
  }
  const fields = order.fields as Record<string, string | null>
  const amount = fields.amount ?? fields.amount_received ?? fields.total ?? fields.principal
  const asset = fields.asset ?? 'USDT'
  const open = about?.items.find(({ status }) => status === 'open')
  const isWaiting = order.kind === 'deposit' && order.status === 'review' && !open
  const uid = order.people[0] ?? ''
  const sum = `${amount ?? ''} ${asset}`
  return (
    <Page
      title={`${kinds(order.kind)}${amount ? ` ${sum}` : ''}`}
      actions={
        isWaiting && (
          <>
            <ProposeThis
              kind="deposit_decision"
              label={say('credit')}
              look="primary"
              about={say('creditAbout', { amount: sum, uid })}
              given={{ deposit: order.id, decision: 'credit' }}
            />
            <ProposeThis
              kind="deposit_decision"
              label={say('keep')}
              look="danger"
              danger
              about={say('keepAbout', { amount: sum })}
              given={{ deposit: order.id, decision: 'reject' }}
            />
          </>
        )
      }
    >
      <Strip
        facts={[
          { label: words('state'), value: <State value={order.status} /> },
          amount ? { label: words('amount'), value: <Money value={amount} unit={asset} /> } : false,
          {
            label: words('customer'),
            value:
              order.people.length === 0
                ? '–'
                : order.people.map((one) => (
                    <span key={one} className="mr-2">
                      <Uid uid={one} />
                    </span>
                  )),
          },
          { label: words('created'), value: <When at={order.created_at} /> },
          { label: words('id'), value: <Ident value={order.id} /> },
        ]}
      />
      <Columns>
        <div className="min-w-0">
          {open && <ReviewPanel id={open.id} word={amount ?? undefined} />}
          <Part title={words('timeline')}>
            <Timeline steps={order.steps} />
          </Part>
          <Books order={order} />
        </div>
        <div>
          <Part title={words('details')}>
            <Lines
              lines={Object.entries(fields)
                .filter(([, value]) => value !== null && value !== '')
                .map(
                  ([key, value]) =>
                    [key.replaceAll('_', ' '), <Value key={key} name={key} value={value ?? ''} />] as const,
                )}
            />
          </Part>
          <Part title={say('related')}>
            <ul className="space-y-2.5 text-[13px]">
              <li>
                <A to={`/commissions?order=${order.id}`}>{say('commissions')}</A>
              </li>
              <li>
                <A to={`/approvals?subject=${order.kind}:${order.id}`}>{say('approvals')}</A>
              </li>
            </ul>
          </Part>
          <Raw value={order} />
        </div>
      </Columns>
    </Page>
  )
}

function Value({ name, value }: { name: string; value: string }) {
  if (amounts.has(name)) return <Money value={value} />
  if (hashes.has(name)) return <Ident value={value} />
  if (/^U\d+$/.test(value)) return <Uid uid={value} />
  if (name === 'approval') return <Ident value={value} to={`/approvals/${value}`} />
  if (name === 'payment' || name === 'payment_id') return <Ident value={value} to={`/payments/${value}`} />
  return <>{value}</>
}
