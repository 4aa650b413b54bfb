// Of several transactions that were signed for one payment at most one is ever mined. When it is final, the others are
// proven dead as well, so that what is promised and what is live can be told apart.

import { moveTransaction, transactionsIn } from './chain-transaction.ts'
import { eachOf, lockPayment, type Payer } from './payer.ts'
import { isProvenDead } from './prove-dead.ts'

const LOOK = 100

export async function buryTwins(payer: Payer): Promise<void> {
  const { bank, bookId, network, suspects } = payer
  const over = ['confirmed', 'failed']
  const twins = await transactionsIn(bank.db, bookId, network.code, ['signed', 'sent'], over, LOOK)
  await eachOf(twins, async (twin) => {
    if (!(await isProvenDead(payer, twin))) return
    await bank.db.transaction(async (tx) => {
      const payment = await lockPayment(tx, bookId, twin.payment_id)
      if (!over.includes(payment.status)) return // a reorganisation opened it again
      await moveTransaction(tx, bookId, twin.id, twin.status, 'dead', { at: bank.clock.now() })
    })
    suspects.delete(twin.id)
  })
}
