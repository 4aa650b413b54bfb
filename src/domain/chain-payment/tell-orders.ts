// Tells orders what the signer did with their payments: it moves a payment without knowing whose it is. Must stay true:
// each state is told once, in a transaction that still finds the payment in it.

import { raiseAlert } from '../alert.ts'
import { type ChainPayment, paymentColumns, paymentOf, type RawPayment } from './chain-payment.ts'
import { eachOf, kindsOf, lockPayment, type Payer } from './payer.ts'

const LOOK = 500

/** Answers how many orders were told. */
export async function tellOrders(payer: Payer): Promise<number> {
  const { bank, bookId, network } = payer
  const rows = await bank.db.query<RawPayment>(
    'chain-payments-untold',
    `select ${paymentColumns} from chain_payments
     where book_id = $1 and network = $2 and order_kind = any ($3) and status <> told order by created_at, id limit $4`,
    [bookId, network.code, kindsOf(payer), LOOK],
  )
  let told = 0
  await eachOf(rows.map(paymentOf), async (payment) => {
    if (await tell(payer, payment)) told++
  })
  return told
}

async function tell(payer: Payer, { id, status }: ChainPayment): Promise<boolean> {
  const { bank, bookId, network, orders } = payer
  return bank.db.transaction(async (tx) => {
    const payment = await lockPayment(tx, bookId, id)
    if (payment.status !== status || payment.told === status) return false
    const [row] = await tx.query<{ tx_hash: string | null }>(
      'chain-payment-told',
      `select t.tx_hash, chain_payment_told($1, $2, $3)
       from (select 1) one left join chain_transactions t on t.book_id = $1 and t.id = $4`,
      [bookId, id, status, payment.tx_id],
    )
    if (status === 'refused') {
      const data = { network: network.code, payment: id, order: payment.order_kind, reason: payment.reason }
      await raiseAlert(tx, bookId, {
        key: `payment_refused:${id}`,
        kind: 'payment_refused',
        severity: 'critical',
        data,
      })
    }
    if (payment.order_kind !== 'nonce_fill') {
      const before = { ...payment, status: payment.told }
      await orders[payment.order_kind]?.paymentMoved(tx, bookId, before, status, row?.tx_hash ?? null)
    }
    return true
  })
}
