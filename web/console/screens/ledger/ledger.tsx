// The ledger explorer: an account by its name, now or as of an instant; a journal; the trial balance.

import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../../kit/ui/button.tsx'
import { Chip } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { useAsk } from '../../api/ask.ts'
import { A, useFilters, useGo } from '../../frame/link.tsx'
import { orderAddress } from '../../frame/palette.tsx'
import { useKinds } from '../../kinds.ts'
import { controlLook } from '../../ui/filter-bar.tsx'
import { Ident } from '../../ui/ident.tsx'
import { JournalTable } from '../../ui/journal.tsx'
import { ListScreen } from '../../ui/list-screen.tsx'
import { Money } from '../../ui/money.tsx'
import { Lines, Page, Part, Strip } from '../../ui/page.tsx'
import { Raw } from '../../ui/raw.tsx'
import { Standing } from '../../ui/state.tsx'
import { Table } from '../../ui/table.tsx'
import { useWords } from '../../words.ts'
import { ProposeThis } from '../approvals/propose.tsx'
import { useEntryColumns } from '../customers/customer-lists.tsx'
import { useLedgerWords } from './ledger-words.ts'

const common = [
  'house:fees:USDT',
  'house:suspense:USDT',
  'house:receivable:USDT',
  'house:income:USDT',
  'house:expense:USDT',
  'house:payout:USDT',
]
const address = (account: string) => `/ledger/accounts/${encodeURIComponent(account)}`

export function LedgerScreen() {
  const say = useLedgerWords()
  const go = useGo()
  const [name, setName] = useState('')
  return (
    <Page title={say('title')} about={say('about')}>
      <search>
        <form
          className="flex items-end gap-2"
          onSubmit={(event) => {
            event.preventDefault()
            if (name.trim() !== '') go(address(name.trim()))
          }}
        >
          <label className="flex flex-col gap-1 text-xs text-dim">
            {say('account')}
            <input
              className={`${controlLook} w-80 max-w-[60vw] font-mono`}
              value={name}
              spellCheck={false}
              autoComplete="off"
              placeholder="U10001:main:USDT"
              onChange={(event) => setName(event.target.value)}
            />
          </label>
          <Button small type="submit" look="primary" disabled={name.trim() === ''}>
            {say('open')}
          </Button>
        </form>
      </search>
      <Part title={say('common')}>
        <ul className="grid gap-1 text-[13px] sm:grid-cols-2 lg:grid-cols-3">
          {common.map((account) => (
            <li key={account}>
              <A to={address(account)}>
                <span className="font-mono text-xs">{account}</span>
              </A>
            </li>
          ))}
        </ul>
      </Part>
    </Page>
  )
}

/** What a date field says, in the reader's own time zone, as an instant. */
const instantOf = (local: string): string | undefined => {
  const at = new Date(local)
  return local === '' || Number.isNaN(at.getTime()) ? undefined : at.toISOString()
}
const localOf = (instant: string): string => {
  const at = new Date(instant)
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

export function AccountScreen() {
  const { account: name } = useParams({ strict: false }) as { account: string }
  const say = useLedgerWords()
  const words = useWords()
  const [filters, change] = useFilters()
  const page = Number.parseInt(filters.page ?? '1', 10) || 1
  const columns = useEntryColumns().filter(({ key }) => key !== 'account')
  const { data, error, refetch } = useAsk(
    'GET /ledger/accounts/{account}',
    { path: { account: name }, query: { page: `${page}`, size: '50', ...(filters.at ? { at: filters.at } : {}) } },
    { keep: true },
  )
  return (
    <Page
      title={name}
      actions={
        <>
          <label className="flex items-center gap-2 text-[13px] text-dim">
            {say('asOf')}
            <input
              type="datetime-local"
              className={controlLook}
              value={filters.at ? localOf(filters.at) : ''}
              onChange={(event) => change({ at: instantOf(event.target.value) })}
            />
          </label>
          {filters.at && (
            <Button small look="quiet" onClick={() => change({ at: undefined })}>
              {say('asOfNow')}
            </Button>
          )}
          <ProposeThis kind="adjustment" label={say('adjust')} given={{ from: name }} />
        </>
      }
    >
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Bone className="h-64 w-full" />}
      {data && (
        <>
          <Strip
            facts={[
              {
                label: say(filters.at ? 'balanceThen' : 'balance'),
                value: <Money value={data.balance} unit={data.asset} />,
              },
              { label: say('held'), value: <Money value={data.held} unit={data.asset} /> },
              { label: words('state'), value: <Standing value={data.status} /> },
              { label: say('asOf'), value: <When at={data.at} /> },
            ]}
          />
          <Part title={say('entries')}>
            <Table
              label={say('entries')}
              rows={data.entries}
              columns={columns}
              keyOf={(row) => row.seq}
              to={(row) => `/ledger/journals/${row.journal_id}`}
              keyed
            />
            {data.entries.length === 0 && <p className="py-8 text-center text-sm text-dim">{say('noEntries')}</p>}
            <div className="mt-3 flex items-center justify-end gap-2 text-[13px] text-dim">
              <Button
                small
                disabled={page === 1}
                onClick={() => change({ page: page === 2 ? undefined : `${page - 1}` })}
              >
                {words('previous')}
              </Button>
              {words('page', { page })}
              <Button small disabled={data.entries.length < 50} onClick={() => change({ page: `${page + 1}` })}>
                {words('next')}
              </Button>
            </div>
          </Part>
        </>
      )}
    </Page>
  )
}

export function JournalScreen() {
  const { id } = useParams({ strict: false }) as { id: string }
  const say = useLedgerWords()
  const words = useWords()
  const kinds = useKinds()
  const { data, error, refetch } = useAsk('GET /ledger/journals/{id}', { path: { id } })
  return (
    <Page title={data ? `${say('journal')}: ${kinds(data.kind)}` : say('journal')}>
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {!data && !error && <Bone className="h-64 w-full" />}
      {data && (
        <div className="max-w-4xl">
          <JournalTable journal={data} />
          <Lines
            lines={[
              [words('id'), <Ident key="i" value={data.id} ends={20} />],
              [
                words('order'),
                <A key="o" to={orderAddress(data.order_kind, data.order_id)}>
                  {kinds(data.order_kind)} {data.order_id}
                </A>,
              ],
              [words('memo'), data.memo || '–'],
              [say('key'), <code key="k">{data.key}</code>],
              [words('at'), <When key="a" at={data.recorded_at} />],
              data.value_at !== null && [say('valueDay'), <When key="v" at={data.value_at} />],
              data.reverses !== null && [
                say('reverses'),
                <Ident key="r" value={data.reverses} to={`/ledger/journals/${data.reverses}`} />,
              ],
            ]}
          />
          <Raw value={data} />
        </div>
      )}
    </Page>
  )
}

export function TrialBalanceScreen() {
  const say = useLedgerWords()
  const words = useWords()
  const { data, error, refetch } = useAsk('GET /ledger/trial-balance')
  const nameOf = (line: { whose: string; kind: string; asset: string; sub: number }) =>
    line.whose === 'house' ? `house:${line.kind}:${line.asset}${line.sub > 0 ? `:${line.sub}` : ''}` : undefined
  return (
    <Page
      title={say('trial')}
      about={say('trialAbout')}
      actions={data?.sums.map(({ asset, sum }) => (
        <Chip key={asset} tone={/^-?0*\.?0*$/.test(sum) ? 'good' : 'bad'}>
          {asset}: {sum}
        </Chip>
      ))}
    >
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      {(data || !error) && (
        <Table
          label={say('trial')}
          rows={data?.lines}
          keyOf={(row) => `${row.asset}${row.whose}${row.kind}${row.sub}`}
          to={(row) => {
            const name = nameOf(row)
            return name && address(name)
          }}
          keyed
          columns={[
            { key: 'asset', label: words('asset'), cell: (row) => row.asset },
            { key: 'whose', label: say('whose'), cell: (row) => say(row.whose === 'people' ? 'people' : 'house') },
            {
              key: 'kind',
              label: words('kind'),
              grow: true,
              cell: (row) => {
                const name = nameOf(row)
                const text = `${row.kind}${row.sub > 0 ? `:${row.sub}` : ''}`
                return name ? <A to={address(name)}>{text}</A> : text
              },
            },
            {
              key: 'accounts',
              label: say('accounts'),
              right: true,
              cell: (row) => <span className="figures">{row.accounts}</span>,
            },
            { key: 'balance', label: say('balance'), right: true, cell: (row) => <Money value={row.balance} /> },
            { key: 'held', label: say('held'), right: true, cell: (row) => <Money value={row.held} /> },
          ]}
        />
      )}
    </Page>
  )
}

export function JournalsScreen() {
  const say = useLedgerWords()
  const words = useWords()
  const kinds = useKinds()
  return (
    <ListScreen
      title={say('journals')}
      about={say('journalsAbout')}
      route="GET /ledger/journals"
      filters={[
        { key: 'day', label: say('day'), placeholder: new Date().toISOString().slice(0, 10) },
        { key: 'kind', label: words('kind'), placeholder: 'transfer' },
      ]}
      keyOf={(row) => row.id}
      to={(row) => `/ledger/journals/${row.id}`}
      columns={[
        { key: 'recorded_at', label: words('at'), cell: (row) => <When at={row.recorded_at} /> },
        {
          key: 'kind',
          label: words('kind'),
          cell: (row) => <A to={`/ledger/journals/${row.id}`}>{kinds(row.kind)}</A>,
          text: (row) => row.kind,
        },
        {
          key: 'legs',
          label: say('legs'),
          grow: true,
          cell: (row) => (
            <span className="flex flex-wrap gap-x-4 gap-y-0.5">
              {row.legs.map((leg) => (
                <span key={`${leg.account}${leg.amount}`}>
                  <span className="font-mono text-xs">{leg.account}</span> <Money value={leg.amount} signed />
                </span>
              ))}
            </span>
          ),
          text: (row) => row.legs.map(({ account, amount }) => `${account} ${amount}`).join('; '),
        },
        { key: 'memo', label: words('memo'), cell: (row) => row.memo },
        {
          key: 'order_id',
          label: words('order'),
          cell: (row) => <A to={orderAddress(row.order_kind, row.order_id)}>{kinds(row.order_kind)}</A>,
          text: (row) => `${row.order_kind} ${row.order_id}`,
        },
        { key: 'id', label: words('id'), cell: (row) => <Ident value={row.id} ends={4} /> },
      ]}
    />
  )
}
