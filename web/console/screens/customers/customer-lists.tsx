// Lists of one customer, a page at a time: entries, deposits, security log, levels. Loaded when their tab is opened, as the
// server logs each look.

import { useState } from 'react'
import { Button } from '../../../kit/ui/button.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { useAsk } from '../../api/ask.ts'
import { A } from '../../frame/link.tsx'
import { orderAddress } from '../../frame/palette.tsx'
import { useKinds } from '../../kinds.ts'
import { Ident } from '../../ui/ident.tsx'
import { Money } from '../../ui/money.tsx'
import { type Column, Table } from '../../ui/table.tsx'
import { useWords } from '../../words.ts'
import { useDepositColumns } from '../deposits/deposits.tsx'
import { useCustomerWords } from './customer-words.ts'

type Route =
  | 'GET /customers/{id}/entries'
  | 'GET /customers/{id}/deposits'
  | 'GET /customers/{id}/security-log'
  | 'GET /customers/{id}/levels'
const SIZE = 50

interface Props<Row> {
  id: string
  route: Route
  label: string
  columns: readonly Column<Row>[]
  keyOf: (row: Row) => string
  to?: (row: Row) => string | undefined
}

function ListOf<Row>({ id, route, label, columns, keyOf, to }: Props<Row>) {
  const words = useWords()
  const [page, setPage] = useState(1)
  const list = useAsk(route, { path: { id }, query: { page: `${page}`, size: `${SIZE}` } }, { keep: true })
  const items = list.data?.items as Row[] | undefined
  return (
    <div className="mt-3">
      {list.error && <Problem error={list.error} onRetry={() => void list.refetch()} />}
      <Table label={label} rows={items} columns={columns} keyOf={keyOf} to={to} keyed />
      {items?.length === 0 && <p className="py-10 text-center text-sm text-dim">{words('empty')}</p>}
      {items && (items.length === SIZE || page > 1) && (
        <div className="mt-3 flex items-center justify-end gap-2 text-[13px] text-dim">
          <Button small disabled={page === 1} onClick={() => setPage(page - 1)}>
            {words('previous')}
          </Button>
          {words('page', { page })}
          <Button small disabled={items.length < SIZE} onClick={() => setPage(page + 1)}>
            {words('next')}
          </Button>
        </div>
      )}
    </div>
  )
}

export interface EntryRow {
  account: string
  seq: string
  journal_id: string
  kind: string
  order_kind: string
  order_id: string
  memo: string
  amount: string
  balance_after: string
  recorded_at: string
}

export function useEntryColumns(): Column<EntryRow>[] {
  const say = useCustomerWords()
  const words = useWords()
  const kinds = useKinds()
  return [
    { key: 'recorded_at', label: words('at'), cell: (row) => <When at={row.recorded_at} /> },
    { key: 'kind', label: words('kind'), cell: (row) => kinds(row.kind) },
    {
      key: 'account',
      label: words('account'),
      cell: (row) => <span className="font-mono text-xs">{row.account}</span>,
    },
    { key: 'amount', label: words('amount'), right: true, cell: (row) => <Money value={row.amount} signed /> },
    { key: 'balance_after', label: say('after'), right: true, cell: (row) => <Money value={row.balance_after} /> },
    { key: 'memo', label: words('memo'), grow: true, cell: (row) => row.memo },
    {
      key: 'order_id',
      label: words('order'),
      cell: (row) => <A to={orderAddress(row.order_kind, row.order_id)}>{kinds(row.order_kind)}</A>,
    },
    {
      key: 'journal_id',
      label: words('journals'),
      cell: (row) => <Ident value={row.journal_id} to={`/ledger/journals/${row.journal_id}`} ends={4} />,
    },
  ]
}

export function EntriesOf({ id }: { id: string }) {
  const say = useCustomerWords()
  return (
    <ListOf<EntryRow>
      id={id}
      route="GET /customers/{id}/entries"
      label={say('entries')}
      columns={useEntryColumns()}
      keyOf={(row) => `${row.account}${row.seq}`}
      to={(row) => orderAddress(row.order_kind, row.order_id)}
    />
  )
}

export function DepositsOf({ id }: { id: string }) {
  const say = useCustomerWords()
  return (
    <ListOf
      id={id}
      route="GET /customers/{id}/deposits"
      label={say('deposits')}
      columns={useDepositColumns()}
      keyOf={(row) => row.id}
      to={(row) => `/orders/${row.id}`}
    />
  )
}

export function SecurityOf({ id }: { id: string }) {
  const say = useCustomerWords()
  const words = useWords()
  return (
    <ListOf<{ event_type: string; ip: string; device: string; created_at: string }>
      id={id}
      route="GET /customers/{id}/security-log"
      label={say('security')}
      keyOf={(row) => `${row.created_at}${row.event_type}`}
      columns={[
        { key: 'created_at', label: words('at'), cell: (row) => <When at={row.created_at} /> },
        { key: 'event_type', label: say('event'), cell: (row) => row.event_type.replaceAll('_', ' ') },
        { key: 'device', label: say('device'), grow: true, cell: (row) => row.device },
        { key: 'ip', label: 'IP', cell: (row) => <span className="figures">{row.ip}</span> },
      ]}
    />
  )
}

interface LevelRow {
  system: number
  manual: number | null
  is_node: boolean
  reason: string
  approval_id: string | null
  changed_at: string
}

export function LevelsOf({ id }: { id: string }) {
  const say = useCustomerWords()
  const words = useWords()
  return (
    <ListOf<LevelRow>
      id={id}
      route="GET /customers/{id}/levels"
      label={say('levels')}
      keyOf={(row) => row.changed_at}
      columns={[
        { key: 'changed_at', label: words('at'), cell: (row) => <When at={row.changed_at} /> },
        { key: 'system', label: say('system'), right: true, cell: (row) => row.system },
        { key: 'manual', label: say('manual'), right: true, cell: (row) => row.manual ?? '–' },
        { key: 'reason', label: words('reason'), grow: true, cell: (row) => row.reason },
        {
          key: 'approval',
          label: words('details'),
          cell: (row) => <Ident value={row.approval_id} to={`/approvals/${row.approval_id}`} ends={4} />,
        },
      ]}
    />
  )
}
