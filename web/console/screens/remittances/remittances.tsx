// Remittances: all, the queue, and those whose outcome nobody knows. And recipients.

import { When } from '../../../kit/ui/when.tsx'
import { usePlace } from '../../frame/link.tsx'
import { Ident, Uid } from '../../ui/ident.tsx'
import { ListScreen } from '../../ui/list-screen.tsx'
import { Money } from '../../ui/money.tsx'
import { State, useStateText } from '../../ui/state.tsx'
import { useWords } from '../../words.ts'
import { useRemittanceWords } from './remittance-words.ts'

const statuses = ['review', 'queued', 'processing', 'uncertain', 'completed', 'failed', 'rejected', 'returned']
const reviews = ['pending', 'approved', 'rejected']

export function RemittancesScreen() {
  const say = useRemittanceWords()
  const words = useWords()
  const states = useStateText()
  const { search } = usePlace()
  const { status } = search
  return (
    <ListScreen
      title={say(status === 'review' ? 'queue' : status === 'uncertain' ? 'uncertain' : 'title')}
      about={status === 'uncertain' && say('uncertainAbout')}
      route="GET /remittances"
      every={15_000}
      filters={[
        { key: 'status', label: words('state'), choices: statuses.map((value) => ({ value, label: states(value) })) },
      ]}
      keyOf={(row) => row.id}
      to={(row) => `/remittances/${row.id}`}
      columns={[
        {
          key: 'id',
          label: words('id'),
          cell: (row) => <Ident value={row.id} to={`/remittances/${row.id}`} ends={4} />,
        },
        { key: 'uid', label: words('customer'), cell: (row) => <Uid uid={row.uid} /> },
        {
          key: 'principal',
          label: say('principal'),
          right: true,
          cell: (row) => <Money value={row.principal} unit="USDT" />,
        },
        { key: 'fee', label: words('fee'), right: true, off: true, cell: (row) => <Money value={row.fee} /> },
        { key: 'rate', label: say('rate'), right: true, cell: (row) => <span className="figures">{row.rate}</span> },
        { key: 'cnh', label: say('cnh'), right: true, cell: (row) => <Money value={row.cnh} unit="CNH" /> },
        { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
        { key: 'to', label: say('to'), cell: (row) => row.to },
        { key: 'vendor_status', label: say('vendor'), cell: (row) => row.vendor_status },
        { key: 'note', label: words('note'), off: true, cell: (row) => row.note },
        { key: 'created_at', label: words('created'), cell: (row) => <When at={row.created_at} /> },
      ]}
    />
  )
}

export function RecipientsScreen() {
  const say = useRemittanceWords()
  const words = useWords()
  const states = useStateText()
  const { search } = usePlace()
  return (
    <ListScreen
      title={say(search.review_status === 'pending' ? 'recipientsQueue' : 'recipients')}
      route="GET /remittance-recipients"
      filters={[
        {
          key: 'review_status',
          label: words('state'),
          choices: reviews.map((value) => ({ value, label: states(value) })),
        },
      ]}
      keyOf={(row) => row.id}
      to={(row) => `/recipients/${row.id}`}
      columns={[
        {
          key: 'id',
          label: words('id'),
          cell: (row) => <Ident value={row.id} to={`/recipients/${row.id}`} ends={4} />,
        },
        { key: 'uid', label: words('customer'), cell: (row) => <Uid uid={row.uid} /> },
        { key: 'bank_code', label: say('bank'), cell: (row) => row.bank_code },
        {
          key: 'account_number',
          label: say('account'),
          cell: (row) => <span className="figures">{row.account_number}</span>,
        },
        { key: 'review_status', label: words('state'), cell: (row) => <State value={row.review_status} /> },
        { key: 'status', label: words('status'), off: true, cell: (row) => <State value={row.status} /> },
        { key: 'reason', label: words('reason'), grow: true, cell: (row) => row.note || row.reason },
        { key: 'updated_at', label: words('updated'), cell: (row) => <When at={row.updated_at} /> },
      ]}
    />
  )
}
