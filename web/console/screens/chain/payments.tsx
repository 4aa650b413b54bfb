// Payments out that are on their way and why they wait, and one of them with all that was signed for it.

import { useParams } from '@tanstack/react-router'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { useAsk } from '../../api/ask.ts'
import { A } from '../../frame/link.tsx'
import { orderAddress } from '../../frame/palette.tsx'
import { useKinds } from '../../kinds.ts'
import { Ident, Whole } from '../../ui/ident.tsx'
import { ListScreen } from '../../ui/list-screen.tsx'
import { Money } from '../../ui/money.tsx'
import { Columns, Lines, Page, Part, Strip } from '../../ui/page.tsx'
import { Raw } from '../../ui/raw.tsx'
import { State } from '../../ui/state.tsx'
import { Timeline } from '../../ui/timeline.tsx'
import { TransactionTable } from '../../ui/transactions.tsx'
import { useNetworks } from '../../ui/use-networks.ts'
import { useWords } from '../../words.ts'
import { ProposeThis } from '../approvals/propose.tsx'
import { useChainWords } from './chain-words.ts'

const orderPlace = (kind: string, id: string) =>
  kind === 'withdrawal'
    ? `/withdrawals/${id}`
    : ['sweep', 'top_up', 'cold_move'].includes(kind)
      ? `/treasury/orders/${id}`
      : orderAddress(kind, id)

export function PaymentsScreen() {
  const say = useChainWords()
  const words = useWords()
  const kinds = useKinds()
  const networks = useNetworks()
  return (
    <ListScreen
      title={say('payments')}
      about={say('paymentsAbout')}
      route="GET /payments"
      every={10_000}
      filters={[{ key: 'network', label: words('network'), choices: networks }]}
      keyOf={(row) => row.id}
      to={(row) => `/payments/${row.id}`}
      columns={[
        { key: 'id', label: words('id'), cell: (row) => <Ident value={row.id} to={`/payments/${row.id}`} ends={4} /> },
        {
          key: 'order',
          label: words('order'),
          cell: (row) => <A to={orderPlace(row.order.kind, row.order.id)}>{kinds(row.order.kind)}</A>,
          text: (row) => `${row.order.kind} ${row.order.id}`,
        },
        {
          key: 'amount',
          label: words('amount'),
          right: true,
          cell: (row) => <Money value={row.amount} unit={row.asset} />,
        },
        { key: 'network', label: words('network'), cell: (row) => row.network },
        { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
        { key: 'reason', label: say('why'), grow: true, cell: (row) => row.reason },
        { key: 'to_address', label: words('to'), cell: (row) => <Ident value={row.to_address} /> },
        { key: 'created_at', label: words('waited'), cell: (row) => <When at={row.created_at} /> },
      ]}
    />
  )
}

export function PaymentScreen() {
  const { id } = useParams({ strict: false }) as { id: string }
  const say = useChainWords()
  const words = useWords()
  const kinds = useKinds()
  const { data: one, error, refetch } = useAsk('GET /payments/{id}', { path: { id } }, { every: 15_000 })
  if (!one) {
    return (
      <Page title={say('payment')}>
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Bone className="h-64 w-full" />}
      </Page>
    )
  }
  return (
    <Page
      title={`${say('payment')}: ${one.amount} ${one.asset}`}
      actions={
        one.settled_at === null && (
          <ProposeThis
            kind="give_up_payment"
            label={say('giveUp')}
            look="danger"
            danger
            given={{ payment: one.id }}
            about={say('giveUpAbout', { amount: one.amount, asset: one.asset, to: one.to_address })}
          />
        )
      }
    >
      <Strip
        facts={[
          { label: words('state'), value: <State value={one.status} /> },
          { label: words('amount'), value: <Money value={one.amount} unit={one.asset} /> },
          { label: words('network'), value: one.network },
          {
            label: words('order'),
            value: <A to={orderPlace(one.order.kind, one.order.id)}>{kinds(one.order.kind)}</A>,
          },
          one.reason !== '' && { label: say('why'), value: one.reason },
          one.giving_up !== null && { label: say('givingUp'), value: one.giving_up },
          { label: words('created'), value: <When at={one.created_at} /> },
        ]}
      />
      <Columns>
        <div className="min-w-0">
          <Part title={words('transactions')}>
            <TransactionTable transactions={one.transactions} />
            {one.transactions.length === 0 && <p className="text-[13px] text-dim">{words('empty')}</p>}
          </Part>
          <Part title={words('timeline')}>
            <Timeline steps={one.timeline} />
          </Part>
        </div>
        <div>
          <Part title={words('details')}>
            <Lines
              lines={[
                [words('from'), <Whole key="f" value={one.from_address} />],
                [words('to'), <Whole key="t" value={one.to_address} />],
                [words('id'), <Ident key="i" value={one.id} />],
              ]}
            />
          </Part>
          <Raw value={one} />
        </div>
      </Columns>
    </Page>
  )
}
