// Reconciliation: when each network was last compared with the books, and each break with its id and both amounts.

import { useState } from 'react'
import { Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { ask, useAsk } from '../../api/ask.ts'
import { A, usePlace } from '../../frame/link.tsx'
import { ActSheet } from '../../ui/act-sheet.tsx'
import { Ident } from '../../ui/ident.tsx'
import { ListScreen } from '../../ui/list-screen.tsx'
import { MayButton } from '../../ui/may-button.tsx'
import { State } from '../../ui/state.tsx'
import { Table } from '../../ui/table.tsx'
import { useNetworks } from '../../ui/use-networks.ts'
import { useWords } from '../../words.ts'
import { useChainWords } from '../chain/chain-words.ts'

export function ReconciliationScreen() {
  const say = useChainWords()
  const words = useWords()
  const networks = useNetworks()
  const { search } = usePlace()
  const [isComparing, setComparing] = useState(false)
  const { data, error } = useAsk('GET /reconciliation', {}, { every: 15_000 })
  const agrees = data?.every(({ breaks }) => breaks === 0) && search.open !== 'false'
  return (
    <>
      <ListScreen
        title={say('reconciliation')}
        about={say('reconciliationAbout')}
        route="GET /reconciliation/breaks"
        every={20_000}
        actions={
          <MayButton route="POST /reconciliation/run" onClick={() => setComparing(true)}>
            {say('compare')}
          </MayButton>
        }
        filters={[
          {
            key: 'open',
            label: say('breaks'),
            fallback: 'true',
            choices: [
              { value: 'true', label: say('still') },
              { value: 'false', label: say('over') },
            ],
          },
          { key: 'network', label: words('network'), choices: networks },
        ]}
        keyOf={(row) => row.id}
        columns={[
          {
            key: 'about',
            label: say('what'),
            grow: true,
            cell: (row) => <span className="font-medium">{row.about}</span>,
          },
          { key: 'network', label: words('network'), cell: (row) => row.network || say('booksAlone') },
          { key: 'subject', label: say('subject'), cell: (row) => <Subject text={row.subject} /> },
          {
            key: 'expected',
            label: say('expected'),
            right: true,
            cell: (row) => <span className="figures">{row.expected}</span>,
          },
          {
            key: 'found',
            label: say('found'),
            right: true,
            cell: (row) => <span className="figures">{row.found}</span>,
          },
          { key: 'asset', label: words('asset'), cell: (row) => row.asset },
          { key: 'severity', label: words('state'), cell: (row) => <State value={row.severity} /> },
          { key: 'detail', label: words('details'), off: true, cell: (row) => row.detail },
          { key: 'opened_at', label: words('created'), cell: (row) => <When at={row.opened_at} /> },
          { key: 'seen_at', label: say('seen'), off: true, cell: (row) => <When at={row.seen_at} /> },
        ]}
      >
        {error && <Problem error={error} className="mb-3" />}
        <Table
          label={say('lastAt')}
          rows={data}
          keyOf={(row) => row.network}
          skeleton={4}
          columns={[
            {
              key: 'network',
              label: words('network'),
              cell: (row) => <span className="font-medium">{row.network || say('booksAlone')}</span>,
            },
            { key: 'at', label: say('lastAt'), cell: (row) => (row.at ? <When at={row.at} /> : words('never')) },
            {
              key: 'block',
              label: words('block'),
              right: true,
              cell: (row) => <span className="figures">{row.block ?? '–'}</span>,
            },
            { key: 'addresses', label: say('addresses'), right: true, cell: (row) => row.addresses ?? '–' },
            {
              key: 'took',
              label: say('took'),
              right: true,
              cell: (row) => (row.milliseconds === null ? '–' : `${row.milliseconds} ms`),
            },
            {
              key: 'breaks',
              label: say('breaks'),
              right: true,
              cell: (row) => <span className={row.breaks ? 'font-semibold text-danger' : ''}>{row.breaks ?? '–'}</span>,
            },
            { key: 'note', label: words('note'), grow: true, cell: (row) => row.note },
          ]}
        />
        {agrees && (
          <Notice tone="good" className="my-4">
            {say('allAgree')}
          </Notice>
        )}
        <h2 className="mt-6 mb-2 text-sm font-semibold">{say('breaksOpen')}</h2>
      </ListScreen>
      <ActSheet
        open={isComparing}
        onClose={() => setComparing(false)}
        title={say('compare')}
        consequence={say('compareAbout')}
        noReason
        submit={say('compare')}
        said={say('compared')}
        act={() => ask('POST /reconciliation/run', { body: {} })}
      />
    </>
  )
}

/** One click to where it is looked into. */
function Subject({ text }: { text: string }) {
  if (/^(?:U\d+|house):/.test(text)) {
    return (
      <A to={`/ledger/accounts/${encodeURIComponent(text)}`}>
        <span className="font-mono text-xs">{text}</span>
      </A>
    )
  }
  return <Ident value={text} {...(/^[0-9a-f-]{36}$/.test(text) ? { to: `/orders/${text}` } : {})} />
}
