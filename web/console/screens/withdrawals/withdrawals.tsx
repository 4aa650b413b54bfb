// All withdrawals, and the queue of those that wait for a decision.

import { When } from '../../../kit/ui/when.tsx'
import type { Data } from '../../api/ask.ts'
import { A, usePlace } from '../../frame/link.tsx'
import { Ident, Uid } from '../../ui/ident.tsx'
import { ListScreen } from '../../ui/list-screen.tsx'
import { Money } from '../../ui/money.tsx'
import { State, useStateText } from '../../ui/state.tsx'
import { useNetworks } from '../../ui/use-networks.ts'
import { useWords } from '../../words.ts'
import { useWithdrawalWords } from './withdrawal-words.ts'

const statuses = [
  'review',
  'verification',
  'approved',
  'processing',
  'confirming',
  'confirmed',
  'failed',
  'rejected',
  'cancelled',
]

type Row = Data<'GET /withdrawals'>['items'][number]

export function WithdrawalsScreen() {
  const say = useWithdrawalWords()
  const words = useWords()
  const states = useStateText()
  const networks = useNetworks()
  const { search } = usePlace()
  const isQueue = search.status === 'review'
  return (
    <ListScreen
      title={say(isQueue ? 'queue' : 'title')}
      about={isQueue && say('queueAbout')}
      route="GET /withdrawals"
      every={15_000}
      filters={[
        { key: 'status', label: words('state'), choices: statuses.map((value) => ({ value, label: states(value) })) },
        { key: 'network', label: words('network'), choices: networks },
      ]}
      keyOf={(row: Row) => row.id}
      to={(row) => `/withdrawals/${row.id}`}
      columns={[
        {
          key: 'id',
          label: words('id'),
          cell: (row) => <Ident value={row.id} to={`/withdrawals/${row.id}`} ends={4} />,
        },
        { key: 'uid', label: words('customer'), cell: (row) => <Uid uid={row.uid} /> },
        {
          key: 'amount',
          label: words('amount'),
          right: true,
          cell: (row) => <Money value={row.amount} unit={row.asset} />,
        },
        {
          key: 'fee',
          label: words('fee'),
          right: true,
          off: true,
          cell: (row) => <Money value={row.fee} unit={row.asset} />,
        },
        { key: 'asset', label: words('asset'), off: true, cell: (row) => row.asset },
        { key: 'network', label: words('network'), cell: (row) => row.network },
        { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
        {
          key: 'confirmations',
          label: words('confirmations'),
          off: true,
          right: true,
          cell: (row) => `${row.confirmations}/${row.confirmations_required}`,
          text: (row) => `${row.confirmations}/${row.confirmations_required}`,
        },
        { key: 'to_address', label: words('address'), cell: (row) => <Ident value={row.to_address} /> },
        { key: 'tx_hash', label: words('hash'), cell: (row) => <Ident value={row.tx_hash} href={row.explorer_url} /> },
        {
          key: 'created_at',
          label: words(isQueue ? 'waited' : 'created'),
          cell: (row) => <When at={row.created_at} />,
        },
        {
          key: 'approval',
          label: words('details'),
          off: true,
          cell: (row) => (row.approval ? <A to={`/approvals/${row.approval}`}>{row.approval.slice(-6)}</A> : '–'),
        },
      ]}
    />
  )
}
