// Webhooks: endpoints and whether they answer, what was sent to one, every attempt, and sending again.

import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { toast } from '../../../kit/ui/toast.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { ask, type Data, lookAgain, useAsk } from '../../api/ask.ts'
import { A, useFilters } from '../../frame/link.tsx'
import { ActSheet } from '../../ui/act-sheet.tsx'
import { FilterBar } from '../../ui/filter-bar.tsx'
import { Ident } from '../../ui/ident.tsx'
import { ListScreen } from '../../ui/list-screen.tsx'
import { MayButton } from '../../ui/may-button.tsx'
import { Page, Part } from '../../ui/page.tsx'
import { Raw } from '../../ui/raw.tsx'
import { SecretOnce } from '../../ui/secret-once.tsx'
import { State, useStateText } from '../../ui/state.tsx'
import { Table } from '../../ui/table.tsx'
import { useWords } from '../../words.ts'
import { ProposeThis } from '../approvals/propose.tsx'
import { usePartnerWords } from './partner-words.ts'

export function WebhooksScreen() {
  const say = usePartnerWords()
  const words = useWords()
  return (
    <ListScreen
      title={say('webhooks')}
      route="GET /webhooks"
      every={20_000}
      actions={<ProposeThis kind="webhook" label={words('propose')} />}
      filters={[
        { key: 'owner', label: say('owner'), placeholder: 'partner:…' },
        { key: 'failing', label: say('failing'), choices: [{ value: 'true', label: say('failingOnes') }] },
      ]}
      keyOf={(row) => row.id}
      to={(row) => `/webhooks/${row.id}`}
      columns={[
        { key: 'url', label: 'URL', grow: true, cell: (row) => <A to={`/webhooks/${row.id}`}>{row.url}</A> },
        { key: 'owner', label: say('owner'), cell: (row) => <Ident value={row.owner} ends={8} /> },
        { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
        {
          key: 'failing_since',
          label: say('failing'),
          cell: (row) =>
            row.failing_since ? (
              <span className="text-danger">
                ×{row.failures} · <When at={row.failing_since} />
              </span>
            ) : (
              '–'
            ),
        },
        {
          key: 'types',
          label: say('types'),
          cell: (row) => row.types.slice(0, 2).join(', ') + (row.types.length > 2 ? ' …' : ''),
          text: (row) => row.types.join(' '),
        },
        { key: 'scheme', label: say('scheme'), off: true, cell: (row) => row.scheme },
        { key: 'description', label: words('note'), off: true, cell: (row) => row.description },
        { key: 'created_at', label: words('created'), cell: (row) => <When at={row.created_at} /> },
      ]}
    />
  )
}

type Delivery = Data<'GET /webhooks/{id}/deliveries'>['items'][number]

export function WebhookScreen() {
  const { id } = useParams({ strict: false }) as { id: string }
  const say = usePartnerWords()
  const words = useWords()
  const states = useStateText()
  const [filters, change] = useFilters()
  const [key, setKey] = useState<string>()
  const [isTurning, setTurning] = useState(false)
  const [isRotating, setRotating] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const { data: all } = useAsk('GET /webhooks', { query: { size: '100' } })
  const one = all?.items.find((each) => each.id === id)
  const status = filters.status as 'waiting' | undefined
  const { data, error, refetch } = useAsk(
    'GET /webhooks/{id}/deliveries',
    { path: { id }, query: { size: '50', ...(status ? { status } : {}) } },
    { every: 10_000, keep: true },
  )
  const act = (work: Promise<unknown>, said: string) =>
    void work
      .then(() => {
        toast(said)
        lookAgain()
      })
      .catch(setProblem)
  const isOn = one?.status === 'active'
  return (
    <Page
      title={say('webhooks')}
      tab={one?.url ?? say('webhooks')}
      about={one && `${one.url} · ${one.owner}`}
      actions={
        <>
          <MayButton
            route="POST /webhooks/{id}/test"
            onClick={() => act(ask('POST /webhooks/{id}/test', { path: { id } }), say('sent'))}
          >
            {say('test')}
          </MayButton>
          <MayButton
            route="POST /webhooks/{id}/resend-failed"
            onClick={() => {
              const since = new Date(Date.now() - 86_400_000).toISOString()
              void ask('POST /webhooks/{id}/resend-failed', { path: { id }, body: { since } })
                .then(({ count }) => {
                  toast(say('resent', { count }))
                  lookAgain()
                })
                .catch(setProblem)
            }}
          >
            {say('resendFailed')}
          </MayButton>
          <MayButton route="POST /webhooks/{id}/secret" onClick={() => setRotating(true)}>
            {say('rotate')}
          </MayButton>
          <MayButton
            route="POST /webhooks/{id}/change"
            look={isOn ? 'danger' : 'secondary'}
            disabled={!one}
            onClick={() => setTurning(true)}
          >
            {say(isOn ? 'disable' : 'enable')}
          </MayButton>
        </>
      }
    >
      {problem !== undefined && <Problem error={problem} className="mb-4" />}
      {key && <SecretOnce secret={key} warning={say('secretOnce')} />}
      <div className="mb-3">
        <FilterBar
          values={filters}
          onChange={change}
          filters={[
            {
              key: 'status',
              label: words('state'),
              choices: ['waiting', 'delivered', 'failed'].map((value) => ({ value, label: states(value) })),
            },
          ]}
        />
      </div>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      <Table
        label={say('deliveries')}
        rows={data?.items}
        keyOf={(row: Delivery) => row.event_id}
        to={(row) => `/webhooks/${id}/deliveries/${row.event_id}`}
        keyed
        columns={[
          {
            key: 'type',
            label: say('event'),
            grow: true,
            cell: (row) => <A to={`/webhooks/${id}/deliveries/${row.event_id}`}>{row.type}</A>,
          },
          { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
          { key: 'attempts', label: say('attempts'), right: true, cell: (row) => row.attempts },
          { key: 'happened', label: words('at'), cell: (row) => <When at={row.happened_at} /> },
          { key: 'next', label: say('nextAt'), cell: (row) => (row.next_at ? <When at={row.next_at} /> : '–') },
          { key: 'id', label: words('id'), cell: (row) => <Ident value={row.event_id} ends={4} /> },
        ]}
      />
      {data?.items.length === 0 && <p className="py-10 text-center text-sm text-dim">{words('empty')}</p>}
      <ActSheet
        open={isTurning}
        onClose={() => setTurning(false)}
        title={say(isOn ? 'disable' : 'enable')}
        consequence={one?.url ?? ''}
        submit={say(isOn ? 'disable' : 'enable')}
        act={(reason) => ask('POST /webhooks/{id}/change', { path: { id }, body: { enabled: !isOn, reason } })}
      />
      <ActSheet
        open={isRotating}
        onClose={() => setRotating(false)}
        title={say('rotate')}
        consequence={say('rotateSays')}
        noReason
        submit={say('rotate')}
        act={async () => setKey((await ask('POST /webhooks/{id}/secret', { path: { id } })).key)}
      />
    </Page>
  )
}

export function DeliveryScreen() {
  const { id, event } = useParams({ strict: false }) as { id: string; event: string }
  const say = usePartnerWords()
  const words = useWords()
  const path = { id, event_id: event }
  const { data, error, refetch } = useAsk('GET /webhooks/{id}/deliveries/{event_id}', { path }, { every: 10_000 })
  const [problem, setProblem] = useState<unknown>()
  return (
    <Page
      title={data?.delivery.type ?? say('deliveries')}
      about={<A to={`/webhooks/${id}`}>{say('deliveries')}</A>}
      actions={
        <MayButton
          route="POST /webhooks/{id}/deliveries/{event_id}/resend"
          onClick={() =>
            void ask('POST /webhooks/{id}/deliveries/{event_id}/resend', { path })
              .then(() => {
                toast(say('sent'))
                lookAgain()
              })
              .catch(setProblem)
          }
        >
          {say('resend')}
        </MayButton>
      }
    >
      {problem !== undefined && <Problem error={problem} className="mb-3" />}
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Bone className="h-64 w-full" />}
      {data && (
        <>
          <Part title={say('attempts')} aside={<State value={data.delivery.status} />} first>
            <Table
              label={say('attempts')}
              rows={data.attempts}
              keyOf={(row) => `${row.no}`}
              columns={[
                { key: 'no', label: '#', right: true, cell: (row) => row.no },
                { key: 'at', label: words('at'), cell: (row) => <When at={row.at} /> },
                { key: 'outcome', label: say('outcome'), cell: (row) => <State value={row.outcome} /> },
                { key: 'http', label: 'HTTP', right: true, cell: (row) => row.http_status ?? '–' },
                { key: 'ms', label: say('took'), right: true, cell: (row) => `${row.ms} ms` },
                {
                  key: 'snippet',
                  label: say('answer'),
                  grow: true,
                  cell: (row) => <span className="font-mono text-xs break-all">{row.snippet}</span>,
                },
              ]}
            />
          </Part>
          <Part title={say('payload')}>
            <pre
              // biome-ignore lint/a11y/noNoninteractiveTabindex: long payloads are scrolled with the keyboard
              tabIndex={0}
              className="max-h-96 overflow-auto rounded-card border border-line bg-sunk px-4 py-3 font-mono text-xs leading-5"
            >
              {JSON.stringify(data.payload, null, 2)}
            </pre>
          </Part>
          <Raw value={data} />
        </>
      )}
    </Page>
  )
}
