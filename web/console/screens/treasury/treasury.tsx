// The treasury: what books and chain say of every wallet, side by side, and the orders that move tokens between them.
// Must stay true: a difference is worked out in whole units and shown, never rounded away.

import { useParams } from '@tanstack/react-router'
import { useState } from 'react'
import { parseUnits, unitsText } from '../../../kit/money.ts'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { ask, type Data, useAsk } from '../../api/ask.ts'
import { useMay } from '../../api/session.ts'
import { useKinds } from '../../kinds.ts'
import { ActSheet } from '../../ui/act-sheet.tsx'
import { Ident, Whole } from '../../ui/ident.tsx'
import { ListScreen } from '../../ui/list-screen.tsx'
import { MayButton } from '../../ui/may-button.tsx'
import { Money } from '../../ui/money.tsx'
import { Columns, Lines, Page, Part, Strip } from '../../ui/page.tsx'
import { Raw } from '../../ui/raw.tsx'
import { State, useStateText } from '../../ui/state.tsx'
import { Table } from '../../ui/table.tsx'
import { Timeline } from '../../ui/timeline.tsx'
import { TransactionTable } from '../../ui/transactions.tsx'
import { useNetworks } from '../../ui/use-networks.ts'
import { useWords } from '../../words.ts'
import { useChainWords } from '../chain/chain-words.ts'

type Wallets = Data<'GET /treasury/wallets'>[number]
type Order = Data<'GET /treasury/orders'>['items'][number]
const kindsOf = ['sweep', 'top_up', 'cold_move']
const statuses = ['planned', 'topping_up', 'moving', 'done', 'failed']

function useOrderColumns() {
  const say = useChainWords()
  const words = useWords()
  const kinds = useKinds()
  return [
    {
      key: 'id',
      label: words('id'),
      cell: (row: Order) => <Ident value={row.id} to={`/treasury/orders/${row.id}`} ends={4} />,
    },
    { key: 'kind', label: words('kind'), cell: (row: Order) => kinds(row.kind) },
    { key: 'network', label: words('network'), cell: (row: Order) => row.network },
    {
      key: 'amount',
      label: words('amount'),
      right: true,
      cell: (row: Order) => <Money value={row.amount} unit={row.asset} />,
    },
    { key: 'status', label: words('state'), cell: (row: Order) => <State value={row.status} /> },
    { key: 'reason', label: words('reason'), grow: true, cell: (row: Order) => row.reason },
    { key: 'from_address', label: words('from'), cell: (row: Order) => <Ident value={row.from_address} /> },
    { key: 'attempt', label: say('attempt'), right: true, off: true, cell: (row: Order) => row.attempt },
    { key: 'created_at', label: words('created'), cell: (row: Order) => <When at={row.created_at} /> },
  ]
}

export function TreasuryScreen() {
  const say = useChainWords()
  const words = useWords()
  const kinds = useKinds()
  const states = useStateText()
  const networks = useNetworks()
  const [isRunning, setRunning] = useState(false)
  const { may } = useMay('GET /treasury/wallets')
  return (
    <>
      <ListScreen
        title={say('treasury')}
        about={say('treasuryAbout')}
        route="GET /treasury/orders"
        every={20_000}
        actions={
          <MayButton route="POST /treasury/run" onClick={() => setRunning(true)}>
            {say('run')}
          </MayButton>
        }
        filters={[
          { key: 'kind', label: words('kind'), choices: kindsOf.map((value) => ({ value, label: kinds(value) })) },
          { key: 'status', label: words('state'), choices: statuses.map((value) => ({ value, label: states(value) })) },
          { key: 'network', label: words('network'), choices: networks },
        ]}
        keyOf={(row) => row.id}
        to={(row) => `/treasury/orders/${row.id}`}
        columns={useOrderColumns()}
      >
        {may && <AllWallets />}
        <h2 className="mt-6 mb-2 text-sm font-semibold">{say('orders')}</h2>
      </ListScreen>
      <ActSheet
        open={isRunning}
        onClose={() => setRunning(false)}
        title={say('run')}
        consequence={say('runSays')}
        noReason
        submit={say('run')}
        said={say('ran')}
        act={() => ask('POST /treasury/run', { body: {} })}
      />
    </>
  )
}

function AllWallets() {
  const { data, error, refetch } = useAsk('GET /treasury/wallets', {}, { every: 30_000 })
  if (error) return <Problem error={error} onRetry={() => void refetch()} />
  if (!data) return <Bone className="h-56 w-full" />
  return (
    <div className="grid gap-x-8 gap-y-2 xl:grid-cols-2">
      {data.map((one) => (
        <NetworkWallets key={one.network} wallets={one} />
      ))}
    </div>
  )
}

/** Books less chain; nothing where the chain was not read. */
function differenceOf(books: string, chain: string | null): string | null {
  if (chain === null) return null
  const units = (text: string) => (text.startsWith('-') ? -1n : 1n) * (parseUnits(text.replace('-', '')) ?? 0n)
  return unitsText(units(books) - units(chain))
}

function NetworkWallets({ wallets: one }: { wallets: Wallets }) {
  const say = useChainWords()
  const words = useWords()
  const places: Readonly<Record<string, string>> = {
    hot: say('hot'),
    cold: say('cold'),
    'deposit addresses': say('deposit'),
  }
  return (
    <Part
      title={one.name}
      aside={
        <span className="flex items-center gap-2 text-xs text-dim">
          {one.seen_at && <When at={one.seen_at} />} <State value={one.hot.status} />
        </span>
      }
    >
      <Table
        label={one.name}
        rows={one.wallets}
        keyOf={(row) => row.where}
        columns={[
          { key: 'where', label: say('wallet'), grow: true, cell: (row) => places[row.where] ?? row.where },
          { key: 'books', label: say('books'), right: true, cell: (row) => <Money value={row.books} unit="USDT" /> },
          {
            key: 'chain',
            label: say('onChain'),
            right: true,
            cell: (row) => (row.chain === null ? '–' : <Money value={row.chain} unit="USDT" />),
          },
          {
            key: 'difference',
            label: say('difference'),
            right: true,
            cell: (row) => {
              const difference = differenceOf(row.books, row.chain)
              if (difference === null) return '–'
              return (
                <Money
                  value={difference}
                  className={difference === '0.00' ? 'text-dim' : 'font-semibold text-danger'}
                />
              )
            },
          },
        ]}
      />
      <dl className="mt-2 flex flex-wrap gap-x-5 gap-y-1 text-xs">
        {(
          [
            [say('floor'), one.hot.floor],
            [say('target'), one.hot.target],
            [say('ceiling'), one.hot.ceiling],
            [say('promised'), one.hot.promised],
            [say('arriving'), one.hot.arriving],
            [say('missing'), one.hot.missing],
            [`${say('coin')} (${one.coin.code})`, one.coin.hot ?? '–'],
            [say('toSweep'), `${one.sweeps.addresses}`],
            [say('underWay'), `${one.sweeps.under_way}`],
          ] as const
        ).map(([label, value]) => (
          <div key={label} className="flex gap-1.5">
            <dt className="text-dim">{label}</dt>
            <dd className="figures">{value}</dd>
          </div>
        ))}
      </dl>
      {(one.stopped ?? one.note) && <p className="mt-1 text-xs text-warn">{one.stopped ?? one.note}</p>}
      {one.ran_at && (
        <p className="mt-1 text-xs text-dim">
          {say('ranAt')} <When at={one.ran_at} /> · {words('block')} <span className="figures">{one.block ?? '–'}</span>
        </p>
      )}
    </Part>
  )
}

export function TreasuryOrderScreen() {
  const { id } = useParams({ strict: false }) as { id: string }
  const say = useChainWords()
  const words = useWords()
  const kinds = useKinds()
  const columns = useOrderColumns()
  const { data: one, error, refetch } = useAsk('GET /treasury/orders/{id}', { path: { id } })
  if (!one) {
    return (
      <Page title={say('treasury')}>
        {error ? <Problem error={error} onRetry={() => void refetch()} /> : <Bone className="h-64 w-full" />}
      </Page>
    )
  }
  return (
    <Page title={`${kinds(one.kind)} ${one.amount} ${one.asset}`}>
      <Strip
        facts={[
          { label: words('state'), value: <State value={one.status} /> },
          { label: words('amount'), value: <Money value={one.amount} unit={one.asset} /> },
          { label: words('network'), value: one.network },
          { label: say('attempt'), value: one.attempt },
          { label: words('created'), value: <When at={one.created_at} /> },
          { label: words('id'), value: <Ident value={one.id} /> },
        ]}
      />
      <Columns>
        <div className="min-w-0">
          <Part title={words('timeline')}>
            <Timeline steps={one.timeline} />
          </Part>
          {one.payment && (
            <Part
              title={words('chain')}
              aside={<Ident value={one.payment.id} to={`/payments/${one.payment.id}`} ends={4} />}
            >
              <TransactionTable transactions={one.payment.transactions} />
            </Part>
          )}
          {one.top_ups.length > 0 && (
            <Part title={say('topUps')}>
              <Table label={say('topUps')} rows={one.top_ups} columns={columns} keyOf={(row) => row.id} />
            </Part>
          )}
        </div>
        <div>
          <Part title={words('details')}>
            <Lines
              lines={[
                [words('from'), <Whole key="f" value={one.from_address} />],
                [words('to'), <Whole key="t" value={one.to_address} />],
                [words('kind'), one.to],
                one.reason !== '' && [words('reason'), one.reason],
                one.journal !== null && [
                  words('journals'),
                  <Ident key="j" value={one.journal} to={`/ledger/journals/${one.journal}`} />,
                ],
              ]}
            />
          </Part>
          <Raw value={one} />
        </div>
      </Columns>
    </Page>
  )
}
