// Orders of ramp partners: what waits for somebody first, and one with its customer, its money and its next step.

import { useParams } from '@tanstack/react-router'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { useAsk } from '../../api/ask.ts'
import { A } from '../../frame/link.tsx'
import { Ident, Uid } from '../../ui/ident.tsx'
import { ListScreen } from '../../ui/list-screen.tsx'
import { Money } from '../../ui/money.tsx'
import { OrderBooks } from '../../ui/order-books.tsx'
import { Columns, Lines, Page, Part, Strip } from '../../ui/page.tsx'
import { Raw } from '../../ui/raw.tsx'
import { State, useStateText } from '../../ui/state.tsx'
import { Timeline } from '../../ui/timeline.tsx'
import { useWords } from '../../words.ts'
import { ProposeThis } from '../approvals/propose.tsx'
import { ReviewPanel } from '../approvals/review-panel.tsx'
import { usePartnerWords } from './partner-words.ts'

const statuses = ['review', 'awaiting_payment', 'awaiting_release', 'released', 'rejected']

export function RampOrdersScreen() {
  const say = usePartnerWords()
  const words = useWords()
  const states = useStateText()
  return (
    <ListScreen
      title={say('rampOrders')}
      about={say('rampAbout')}
      route="GET /ramp-orders"
      every={15_000}
      filters={[
        { key: 'status', label: words('state'), choices: statuses.map((value) => ({ value, label: states(value) })) },
        {
          key: 'direction',
          label: say('direction'),
          choices: (['in', 'out'] as const).map((value) => ({ value, label: say(value) })),
        },
        { key: 'partner', label: say('partner') },
      ]}
      keyOf={(row) => row.id}
      to={(row) => `/ramp-orders/${row.id}`}
      columns={[
        {
          key: 'id',
          label: words('id'),
          cell: (row) => <Ident value={row.id} to={`/ramp-orders/${row.id}`} ends={4} />,
        },
        { key: 'direction', label: say('direction'), cell: (row) => say(row.direction === 'in' ? 'in' : 'out') },
        { key: 'uid', label: words('customer'), cell: (row) => <Uid uid={row.uid} /> },
        {
          key: 'amount',
          label: words('amount'),
          right: true,
          cell: (row) => <Money value={row.amount} unit="USDT" />,
        },
        {
          key: 'fiat_amount',
          label: say('fiat'),
          right: true,
          cell: (row) => <Money value={row.fiat_amount} unit={row.fiat} />,
        },
        { key: 'fee', label: words('fee'), right: true, off: true, cell: (row) => <Money value={row.fee} /> },
        { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
        { key: 'order_no', label: say('orderNo'), cell: (row) => row.order_no },
        { key: 'source', label: say('sources'), off: true, cell: (row) => row.source },
        { key: 'partner', label: say('partner'), off: true, cell: (row) => <Ident value={row.partner} ends={4} /> },
        {
          key: 'deadline_at',
          label: say('deadline'),
          cell: (row) => (row.deadline_at ? <When at={row.deadline_at} /> : '–'),
        },
        { key: 'created_at', label: words('created'), cell: (row) => <When at={row.created_at} /> },
      ]}
    />
  )
}

export function RampOrderScreen() {
  const { id } = useParams({ strict: false }) as { id: string }
  const say = usePartnerWords()
  const words = useWords()
  const { data: one, error, refetch } = useAsk('GET /ramp-orders/{id}', { path: { id } })
  const { data: about } = useAsk('GET /approvals', { query: { subject: `ramp:${id}`, status: 'open' } })
  const open = one?.approval ?? about?.items[0]?.id
  if (!one) {
    return (
      <Page title={say('rampOrder')}>
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Bone className="h-64 w-full" />}
      </Page>
    )
  }
  const given = { order: one.id }
  return (
    <Page
      title={`${say('rampOrder')} ${say(one.direction === 'in' ? 'in' : 'out')} ${one.amount} USDT`}
      actions={
        <>
          {one.status === 'awaiting_payment' && (
            <ProposeThis kind="ramp_payment" label={say('confirmPayment')} given={given} look="primary" />
          )}
          {one.status === 'awaiting_release' && (
            <ProposeThis kind="ramp_release" label={say('releaseNow')} given={given} look="primary" />
          )}
          {one.status.startsWith('awaiting') && (
            <ProposeThis kind="ramp_refund" label={say('refund')} given={given} look="danger" danger />
          )}
        </>
      }
    >
      <Strip
        facts={[
          { label: words('state'), value: <State value={one.status} /> },
          { label: words('amount'), value: <Money value={one.amount} unit="USDT" /> },
          { label: say('fiat'), value: <Money value={one.fiat_amount} unit={one.fiat} /> },
          { label: say('rate'), value: <span className="figures">{one.rate}</span> },
          { label: words('fee'), value: <Money value={one.fee} unit="USDT" /> },
          { label: say('channelFee'), value: <Money value={one.channel_fee} unit="USDT" /> },
          { label: words('customer'), value: <Uid uid={one.uid} {...(one.customer ? { id: one.customer.id } : {})} /> },
          { label: words('created'), value: <When at={one.created_at} /> },
        ]}
      />
      <Columns>
        <div className="min-w-0">
          {open && <ReviewPanel id={open} word={one.amount} />}
          <Part title={words('timeline')}>
            <Timeline steps={one.timeline} />
          </Part>
          <OrderBooks id={one.id} />
        </div>
        <div>
          <Part title={words('details')}>
            <Lines
              lines={[
                [
                  say('partner'),
                  <A key="p" to={`/partners/${one.partner}`}>
                    {one.partner_name}
                  </A>,
                ],
                [say('orderNo'), one.order_no],
                [say('release'), one.release],
                [say('noteCode'), one.note_code],
                [say('account'), one.account || '–'],
                ...Object.entries(one.details).map(([key, value]) => [key, value] as const),
                one.deadline_at !== null && [say('deadline'), <When key="d" at={one.deadline_at} />],
                one.reason !== '' && [words('reason'), one.reason],
                [words('id'), <Ident key="i" value={one.id} />],
              ]}
            />
          </Part>
          {one.customer && (
            <Part title={words('customer')}>
              <Lines
                lines={[
                  [words('state'), <State key="s" value={one.customer.status} />],
                  [say('name'), one.customer.masked_name],
                  ['KYC', one.customer.kyc_level],
                  [say('wasHere'), words(one.customer.was_here_before ? 'yes' : 'no')],
                ]}
              />
            </Part>
          )}
          <Raw value={one} />
        </div>
      </Columns>
    </Page>
  )
}
