// What was signed for a payment, as the chain has it: hash, nonce, fee, block.

import { When } from '../../kit/ui/when.tsx'
import { useWords } from '../words.ts'
import { Ident } from './ident.tsx'
import { State } from './state.tsx'
import { Table } from './table.tsx'

interface Transaction {
  tx_hash: string
  status: string
  nonce: number | null
  signed_at: string
  explorer_url?: string | null
  block?: number | null
  fee?: string | null
}

export function TransactionTable({ transactions }: { transactions: readonly Transaction[] }) {
  const words = useWords()
  if (transactions.length === 0) return null
  const isFull = transactions.some(({ block, fee }) => block !== undefined || fee !== undefined)
  return (
    <Table
      label={words('transactions')}
      rows={transactions}
      keyOf={(row) => row.tx_hash}
      columns={[
        {
          key: 'hash',
          label: words('hash'),
          cell: (row) => <Ident value={row.tx_hash} href={row.explorer_url ?? null} ends={8} />,
        },
        { key: 'status', label: words('state'), cell: (row) => <State value={row.status} /> },
        { key: 'nonce', label: words('nonce'), right: true, cell: (row) => row.nonce ?? '–' },
        ...(isFull
          ? [
              { key: 'block', label: words('block'), right: true, cell: (row: Transaction) => row.block ?? '–' },
              { key: 'fee', label: words('fee'), right: true, cell: (row: Transaction) => row.fee ?? '–' },
            ]
          : []),
        { key: 'at', label: words('at'), cell: (row) => <When at={row.signed_at} /> },
      ]}
    />
  )
}
