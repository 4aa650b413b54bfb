// The queue of approvals, and one of them on its own.

import { useParams } from '@tanstack/react-router'
import { Chip } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { useAsk } from '../../api/ask.ts'
import { A } from '../../frame/link.tsx'
import { useKinds } from '../../kinds.ts'
import { Ident } from '../../ui/ident.tsx'
import { ListScreen } from '../../ui/list-screen.tsx'
import { Columns, Lines, Page, Part } from '../../ui/page.tsx'
import { Raw } from '../../ui/raw.tsx'
import { State, useStateText } from '../../ui/state.tsx'
import { useWords } from '../../words.ts'
import { useApprovalWords } from './approval-words.ts'
import { ProposeButton } from './propose.tsx'
import { Quorum, ReviewPanel } from './review-panel.tsx'

const statuses = ['open', 'applied', 'rejected', 'cancelled', 'expired'] as const

export function ApprovalsScreen() {
  const say = useApprovalWords()
  const words = useWords()
  const kinds = useKinds()
  const states = useStateText()
  const { data: all } = useAsk('GET /approval-kinds')
  return (
    <ListScreen
      title={say('title')}
      about={say('about')}
      route="GET /approvals"
      every={15_000}
      actions={<ProposeButton />}
      filters={[
        { key: 'status', label: words('state'), choices: statuses.map((value) => ({ value, label: states(value) })) },
        {
          key: 'kind',
          label: words('kind'),
          choices: (all ?? []).map(({ kind, title }) => ({ value: kind, label: title })),
        },
        { key: 'mine', label: say('maker'), choices: [{ value: 'true', label: say('mine') }] },
        { key: 'subject', label: say('subject') },
      ]}
      keyOf={(row) => row.id}
      to={(row) => `/approvals/${row.id}`}
      columns={[
        {
          key: 'kind',
          label: words('kind'),
          cell: (row) => <A to={`/approvals/${row.id}`}>{kinds(row.kind)}</A>,
          text: (row) => row.kind,
        },
        { key: 'description', label: say('what'), grow: true, cell: (row) => row.description },
        { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
        {
          key: 'checks',
          label: say('quorum'),
          cell: (row) => <Quorum approval={row} />,
          text: (row) => `${row.checks.length}/${row.checks_needed}`,
        },
        {
          key: 'may_check',
          label: say('turn'),
          cell: (row) => (row.may_check ? <Chip tone="info">{say('you')}</Chip> : <span className="text-dim">–</span>),
          text: (row) => (row.may_check ? '1' : '0'),
        },
        {
          key: 'made_by',
          label: say('maker'),
          cell: (row) => row.made_by?.name ?? words('bank'),
          text: (row) => row.made_by?.name ?? '',
        },
        { key: 'made_at', label: say('made'), cell: (row) => <When at={row.made_at} /> },
      ]}
    />
  )
}

export function ApprovalScreen() {
  const { id } = useParams({ strict: false }) as { id: string }
  const say = useApprovalWords()
  const words = useWords()
  const { data, error, refetch } = useAsk('GET /approvals/{id}', { path: { id } })
  return (
    <Page title={data?.title ?? say('title')} about={data?.description}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      <Columns>
        <ReviewPanel id={id} />
        {data && (
          <div>
            <Part title={say('payload')}>
              <Lines
                lines={[
                  ...Object.entries(data.payload).map(
                    ([key, value]) => [key, typeof value === 'string' ? value : JSON.stringify(value)] as const,
                  ),
                  [say('subject'), <Subject key="subject" text={data.subject} />],
                  [words('id'), <Ident key="id" value={data.id} />],
                  data.expires_at !== null && [say('expires'), <When key="expires" at={data.expires_at} />],
                ]}
              />
            </Part>
            <Raw value={data} />
          </div>
        )}
      </Columns>
    </Page>
  )
}

const places: Readonly<Record<string, string>> = {
  withdrawal: '/withdrawals/',
  remittance: '/remittances/',
  identity: '/identity/',
  recipient: '/recipients/',
  person: '/customers/',
  deposit: '/orders/',
  payment: '/payments/',
}

function Subject({ text }: { text: string }) {
  const [kind = '', id = ''] = text.split(':')
  const place = places[kind]
  return place && id ? <A to={`${place}${id}`}>{text}</A> : text || '–'
}
