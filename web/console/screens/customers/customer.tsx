// A customer from all sides: accounts, holds, entries, deposits, devices, security, team, levels; and what can be done.
// Must stay true: contacts are masked; in clear they take an approval and are shown once.

import { useQuery } from '@tanstack/react-query'
import { useParams } from '@tanstack/react-router'
import { type ReactNode, useState } from 'react'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { Tabs } from '../../../kit/ui/tabs.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { ask, type Data, useAsk } from '../../api/ask.ts'
import { A, useFilters } from '../../frame/link.tsx'
import { ActSheet } from '../../ui/act-sheet.tsx'
import { Ident } from '../../ui/ident.tsx'
import { MayButton } from '../../ui/may-button.tsx'
import { Money } from '../../ui/money.tsx'
import { Columns, Lines, Page, Part, Strip } from '../../ui/page.tsx'
import { Raw } from '../../ui/raw.tsx'
import { Standing, State } from '../../ui/state.tsx'
import { Table } from '../../ui/table.tsx'
import { useWords } from '../../words.ts'
import { ProposeThis } from '../approvals/propose.tsx'
import { DepositsOf, EntriesOf, LevelsOf, SecurityOf } from './customer-lists.tsx'
import { useCustomerWords } from './customer-words.ts'
import { Revealed } from './revealed.tsx'

type Customer = Data<'GET /customers/{id}'>

/** Lists name customers by their UID; the customer's own address has the id. */
export function CustomerScreen() {
  const { id } = useParams({ strict: false }) as { id: string }
  const say = useCustomerWords()
  const isUid = /^U\d/.test(id)
  const named = useQuery({
    queryKey: ['customer by uid', id],
    queryFn: async () => (await ask('POST /customers/search', { body: { q: id } }))[0] ?? null,
    enabled: isUid,
    staleTime: Number.POSITIVE_INFINITY,
  })
  const wanted = isUid ? named.data?.id : id
  const { data, error, refetch } = useAsk(
    'GET /customers/{id}',
    { path: { id: wanted ?? '' } },
    { enabled: wanted !== undefined },
  )
  const problem = named.error ?? error
  if (data) return <Shown customer={data} />
  return (
    <Page title={say('title')}>
      {named.data === null && <p className="text-sm text-dim">{say('nobody')}</p>}
      {problem && <Problem error={problem} onRetry={() => void refetch()} />}
      {!problem && named.data !== null && <Bone className="h-64 w-full" />}
    </Page>
  )
}

const tabs = ['overview', 'entries', 'deposits', 'security', 'levels'] as const

function Shown({ customer }: { customer: Customer }) {
  const say = useCustomerWords()
  const words = useWords()
  const [filters, change] = useFilters()
  const tab = tabs.find((one) => one === filters.tab) ?? 'overview'
  const panels: Record<(typeof tabs)[number], ReactNode> = {
    overview: <Overview customer={customer} />,
    entries: <EntriesOf id={customer.id} />,
    deposits: <DepositsOf id={customer.id} />,
    security: <SecurityOf id={customer.id} />,
    levels: <LevelsOf id={customer.id} />,
  }
  return (
    <Page title={`${customer.uid} ${customer.masked_name}`.trim()} actions={<Actions customer={customer} />}>
      <Strip
        facts={[
          { label: words('state'), value: <State value={customer.status} /> },
          { label: say('kyc'), value: <State value={customer.kyc_status} /> },
          { label: say('level'), value: customer.level },
          { label: say('node'), value: words(customer.is_node ? 'yes' : 'no') },
          { label: say('second'), value: customer.login2fa.join(', ') || words('none') },
          { label: say('since'), value: <When at={customer.created_at} /> },
          customer.money_out_held_until !== null && {
            label: say('held'),
            value: <When at={customer.money_out_held_until} />,
          },
          { label: words('id'), value: <Ident value={customer.id} ends={4} /> },
        ]}
      />
      <div className="mt-4">
        <Tabs
          label={customer.uid}
          value={tab}
          onChange={(value) => change({ tab: value === 'overview' ? undefined : value })}
          tabs={tabs.map((value) => ({ value, label: value === 'overview' ? words('overview') : say(value) }))}
        />
      </div>
      {panels[tab]}
    </Page>
  )
}

function Actions({ customer }: { customer: Customer }) {
  const say = useCustomerWords()
  const [isFreezing, setFreezing] = useState(false)
  const main = customer.accounts.find(({ account }) => account.endsWith(':main:USDT'))
  return (
    <>
      <ProposeThis kind="reveal" label={say('reveal')} given={{ person: customer.id }} />
      <ProposeThis kind="level_override" label={say('override')} given={{ person: customer.id }} />
      {customer.status === 'frozen' ? (
        <ProposeThis kind="person_status" label={say('unfreeze')} given={{ person: customer.id, status: 'active' }} />
      ) : (
        <MayButton route="POST /customers/{id}/freeze" look="danger" onClick={() => setFreezing(true)}>
          {say('freeze')}
        </MayButton>
      )}
      <ActSheet
        open={isFreezing}
        onClose={() => setFreezing(false)}
        title={say('freezeTitle', { uid: customer.uid })}
        danger
        consequence={say('freezeSays', { uid: customer.uid, amount: main?.balance ?? '0' })}
        word={customer.uid}
        submit={say('freeze')}
        said={say('frozen')}
        act={(reason) => ask('POST /customers/{id}/freeze', { path: { id: customer.id }, body: { reason } })}
      />
    </>
  )
}

function Overview({ customer }: { customer: Customer }) {
  const say = useCustomerWords()
  const words = useWords()
  return (
    <Columns>
      <div className="min-w-0">
        <Part title={say('accounts')}>
          <Table
            label={say('accounts')}
            rows={customer.accounts}
            keyOf={(row) => row.account}
            columns={[
              {
                key: 'account',
                label: words('account'),
                grow: true,
                cell: (row) => (
                  <A to={`/ledger/accounts/${encodeURIComponent(row.account)}`}>
                    <span className="font-mono text-xs">{row.account}</span>
                  </A>
                ),
              },
              {
                key: 'balance',
                label: say('balance'),
                right: true,
                cell: (row) => <Money value={row.balance} unit={row.asset} />,
              },
              { key: 'held', label: say('heldAmount'), right: true, cell: (row) => <Money value={row.held} /> },
              {
                key: 'available',
                label: say('available'),
                right: true,
                cell: (row) => <Money value={row.available} />,
              },
              { key: 'status', label: words('state'), cell: (row) => <Standing value={row.status} /> },
            ]}
          />
        </Part>
        {customer.holds.length > 0 && (
          <Part title={say('holds')}>
            <Table
              label={say('holds')}
              rows={customer.holds}
              keyOf={(row) => row.id}
              to={(row) => `/orders/${row.order_id}`}
              columns={[
                {
                  key: 'kind',
                  label: words('order'),
                  grow: true,
                  cell: (row) => <A to={`/orders/${row.order_id}`}>{row.order_kind}</A>,
                },
                { key: 'amount', label: words('amount'), right: true, cell: (row) => <Money value={row.amount} /> },
                { key: 'status', label: words('state'), cell: (row) => <Standing value={row.status} open="held" /> },
                { key: 'placed', label: words('created'), cell: (row) => <When at={row.placed_at} /> },
              ]}
            />
          </Part>
        )}
        <Part title={say('devices')}>
          <Table
            label={say('devices')}
            rows={customer.devices}
            keyOf={(row) => `${row.browser}${row.os}${row.ip}${row.first_seen_at}`}
            columns={[
              { key: 'device', label: say('device'), grow: true, cell: (row) => `${row.browser} · ${row.os}` },
              { key: 'ip', label: 'IP', cell: (row) => <span className="figures">{row.ip}</span> },
              { key: 'first', label: say('firstSeen'), cell: (row) => <When at={row.first_seen_at} /> },
              { key: 'last', label: say('lastSeen'), cell: (row) => <When at={row.last_seen_at} /> },
            ]}
          />
        </Part>
      </div>
      <div>
        <Part title={say('contacts')}>
          <Lines
            lines={customer.contacts.map(
              ({ kind, masked }) =>
                [
                  kind,
                  <span key={kind} className="figures">
                    {masked}
                  </span>,
                ] as const,
            )}
          />
          <Revealed person={customer.id} />
        </Part>
        <Part title={say('team')}>
          <Lines
            lines={[
              [say('direct'), customer.team.direct],
              [say('all'), customer.team.recursive],
              [say('week'), customer.team.this_week_new],
              [say('month'), customer.team.this_month_new],
            ]}
          />
        </Part>
        <Part title={words('details')}>
          <ul className="space-y-2.5 text-[13px]">
            <li>
              <A to={`/commissions?uid=${customer.uid}`}>{say('commissions')}</A>
            </li>
            <li>
              <A to={`/node-sales?uid=${customer.uid}`}>{say('nodes')}</A>
            </li>
            <li>
              <A to={`/approvals?subject=person:${customer.id}`}>{say('approvals')}</A>
            </li>
            <li>
              <A to={`/audit-log?subject=person:${customer.id}`}>{say('audit')}</A>
            </li>
          </ul>
        </Part>
        <Raw value={customer} />
      </div>
    </Columns>
  )
}
