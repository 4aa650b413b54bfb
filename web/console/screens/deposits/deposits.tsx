// Deposits: all of them, those that wait for a decision, and other tokens that came to our addresses.

import { texts } from '../../../kit/language.ts'
import { Problem } from '../../../kit/ui/problem.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { type Data, useAsk } from '../../api/ask.ts'
import { usePlace } from '../../frame/link.tsx'
import { Ident, Uid } from '../../ui/ident.tsx'
import { ListScreen } from '../../ui/list-screen.tsx'
import { Money } from '../../ui/money.tsx'
import { Page } from '../../ui/page.tsx'
import { State, useStateText } from '../../ui/state.tsx'
import { Table } from '../../ui/table.tsx'
import { useNetworks } from '../../ui/use-networks.ts'
import { useWords } from '../../words.ts'

const useDepositWords = texts('console deposits', {
  title: ['充值', 'Deposits'],
  queue: ['待审核的大额充值', 'Large deposits to review'],
  queueAbout: [
    '入账或留置都要两个人。打开一笔查看链上信息并发起。',
    'Crediting one or keeping it aside takes two of you. Open one to see its chain and to propose.',
  ],
  received: ['链上金额', 'Received'],
  credited: ['入账金额', 'Credited'],
  class: ['类别', 'Class'],
  foreign: ['其他代币', 'Other tokens'],
  foreignAbout: [
    '最近 100 笔到我方地址、但不是我们支持的代币。',
    'The newest hundred transfers of tokens that we do not support to addresses of ours.',
  ],
  contract: ['合约', 'Contract'],
  value: ['数量(最小单位)', 'Value (smallest unit)'],
})

const statuses = [
  'pending',
  'review',
  'credited',
  'rejected',
  'below_minimum',
  'unsupported',
  'internal',
  'house',
  'orphaned',
  'reversed',
]
type Row = Data<'GET /deposits'>['items'][number]

export function useDepositColumns() {
  const say = useDepositWords()
  const words = useWords()
  return [
    { key: 'id', label: words('id'), cell: (row: Row) => <Ident value={row.id} to={`/orders/${row.id}`} ends={4} /> },
    { key: 'uid', label: words('customer'), cell: (row: Row) => <Uid uid={row.uid} /> },
    {
      key: 'amount_received',
      label: say('received'),
      right: true,
      cell: (row: Row) => <Money value={row.amount_received} unit={row.asset} />,
    },
    {
      key: 'amount_credited',
      label: say('credited'),
      right: true,
      cell: (row: Row) => <Money value={row.amount_credited} />,
    },
    { key: 'network', label: words('network'), cell: (row: Row) => row.network },
    { key: 'status', label: words('state'), cell: (row: Row) => <State value={row.status} /> },
    { key: 'class', label: say('class'), off: true, cell: (row: Row) => row.class },
    { key: 'from_address', label: words('from'), off: true, cell: (row: Row) => <Ident value={row.from_address} /> },
    { key: 'address', label: words('address'), off: true, cell: (row: Row) => <Ident value={row.address} /> },
    { key: 'tx_hash', label: words('hash'), cell: (row: Row) => <Ident value={row.tx_hash} /> },
    { key: 'reason', label: words('reason'), cell: (row: Row) => row.reason },
    { key: 'created_at', label: words('created'), cell: (row: Row) => <When at={row.created_at} /> },
  ]
}

export function DepositsScreen() {
  const say = useDepositWords()
  const words = useWords()
  const states = useStateText()
  const networks = useNetworks()
  const { search } = usePlace()
  const isQueue = search.status === 'review'
  return (
    <ListScreen
      title={say(isQueue ? 'queue' : 'title')}
      about={isQueue && say('queueAbout')}
      route="GET /deposits"
      every={15_000}
      filters={[
        { key: 'status', label: words('state'), choices: statuses.map((value) => ({ value, label: states(value) })) },
        { key: 'network', label: words('network'), choices: networks },
      ]}
      keyOf={(row) => row.id}
      to={(row) => `/orders/${row.id}`}
      columns={useDepositColumns()}
    />
  )
}

export function ForeignScreen() {
  const say = useDepositWords()
  const words = useWords()
  const { data, error, refetch } = useAsk('GET /deposits/foreign')
  return (
    <Page title={say('foreign')} about={say('foreignAbout')}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      <Table
        label={say('foreign')}
        rows={data}
        keyOf={(row) => `${row.tx_hash}${row.contract}${row.address}`}
        keyed
        columns={[
          { key: 'uid', label: words('customer'), cell: (row) => <Uid uid={row.uid} /> },
          { key: 'network', label: words('network'), cell: (row) => row.network },
          { key: 'contract', label: say('contract'), cell: (row) => <Ident value={row.contract} /> },
          {
            key: 'value',
            label: say('value'),
            right: true,
            cell: (row) => <span className="figures">{row.value}</span>,
          },
          { key: 'address', label: words('address'), cell: (row) => <Ident value={row.address} /> },
          { key: 'hash', label: words('hash'), cell: (row) => <Ident value={row.tx_hash} /> },
          { key: 'reason', label: words('reason'), grow: true, cell: (row) => row.reason },
        ]}
      />
      {data?.length === 0 && <p className="py-10 text-center text-sm text-dim">{words('empty')}</p>}
    </Page>
  )
}
