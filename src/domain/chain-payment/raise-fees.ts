// Offers more for a payment that has waited too long: the same transaction with the same nonce and a higher fee, signed
// anew. Must stay true: of each wallet only the lowest nonce is raised, since the others wait for it; whichever of a
// payment's transactions is mined counts; no fee goes above the network's cap.

import { after } from '../../base/clock.ts'
import { type ChainTransaction, transactionsIn } from './chain-transaction.ts'
import { eachOf, heldBack, isIn, lockPayment, type Payer } from './payer.ts'
import { askedOf, mayAskAgain, requestSignature } from './signing-request.ts'

const LOOK = 1_000

/** Answers for how many the signer was asked. */
export async function raiseFees(payer: Payer): Promise<number> {
  const { bank, bookId, network } = payer
  if (network.raiseAfter === 0) return 0
  const open = ['signed', 'broadcast', 'uncertain']
  const waiting = await transactionsIn(bank.db, bookId, network.code, ['signed', 'sent'], open, LOOK)
  const now = bank.clock.now()
  const due = [...Map.groupBy(waiting, (one) => one.from_address).values()].flatMap((ofWallet) => {
    const newest = newestOfLowest(ofWallet)
    return newest?.sent_at && after(newest.sent_at, network.raiseAfter) <= now ? [newest] : []
  })
  if (due.length === 0 || (await heldBack(payer, bank.db)) !== undefined) return 0
  let raised = 0
  await eachOf(due, async (transaction) => {
    if (await raise(payer, transaction)) raised++
  })
  return raised
}

/** They come by nonce, the oldest first. */
function newestOfLowest(ofWallet: readonly ChainTransaction[]): ChainTransaction | undefined {
  const lowest = ofWallet[0]?.nonce
  return ofWallet.findLast(({ nonce }) => nonce !== null && nonce === lowest)
}

async function raise(payer: Payer, { id, payment_id, draft }: ChainTransaction): Promise<boolean> {
  const { bank, bookId, network, sender } = payer
  const asked = await askedOf(bank.db, bookId, [payment_id])
  if (!mayAskAgain(asked(payment_id), bank.clock.now())) return false
  const dearer = await sender.raise(draft, network.feeCap)
  if (!dearer) return false
  return bank.db.transaction(async (tx) => {
    const payment = await lockPayment(tx, bookId, payment_id)
    if (payment.give_up || !isIn(payment, 'broadcast', 'uncertain') || payment.tx_id !== id) return false
    if ((await heldBack(payer, tx)) !== undefined) return false
    return requestSignature(tx, bookId, { paymentId: payment_id, network: network.code, draft: dearer, replaces: id })
  })
}
