// An operator's way out for a payment that does not get anywhere: before it is signed it ends; after that, on an EVM
// network, another transaction of ours with the same nonce that moves nothing (`nonce_fill`) competes with it.
// Must stay true: the original may still win; whichever is mined decides, and only its finality makes the other one dead.

import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'
import { type ChainPayment, openChainPayment, paymentColumns, paymentOf, type RawPayment } from './chain-payment.ts'
import { type ChainTransaction, transactionsOf, transactionsWithNonce } from './chain-transaction.ts'
import { eachOf, heldBack, isIn, kindsOf, lockPayment, movePaid, type Payer, paymentsIn } from './payer.ts'
import { askedOf, mayAskAgain, requestSignature } from './signing-request.ts'

/**
 * Notes that no more is to be done for a payment: `void` ends it, which gives its order back what it held; `again` starts
 * it anew with another nonce. The payment loop carries it out. Refuses with `NotFound` what is in a block, or over.
 */
export async function giveUpPayment(q: Queries, bookId: number, id: string, outcome: 'void' | 'again'): Promise<void> {
  const [row] = await q.query<{ marked: boolean }>(
    'chain-payment-give-up',
    'select chain_payment_give_up($1, $2, $3) as marked',
    [bookId, id, outcome],
  )
  if (!row?.marked) throw new Refusal('NotFound', { reason: 'the payment is in a block, or over' })
}

/** Does what operators asked for. Answers how many payments it moved, or asked the signer for. */
export async function carryOutGivingUp(payer: Payer): Promise<number> {
  const { bank, network } = payer
  let done = 0
  await eachOf(await givenUp(payer), async (payment) => {
    if (isIn(payment, 'ready', 'refused')) {
      if (await end(payer, payment)) done++
    } else if (network.family === 'evm' && isIn(payment, 'signed', 'broadcast', 'uncertain')) {
      await openFilling(payer, payment)
    }
  })
  const fillings = (await paymentsIn(payer, ['ready'], 1_000)).filter((one) => one.order_kind === 'nonce_fill')
  if (fillings.length === 0) return done
  const stopped = (await heldBack(payer, bank.db)) !== undefined
  await eachOf(fillings, async (filling) => {
    if (await advanceFilling(payer, filling, stopped)) done++
  })
  return done
}

async function givenUp(payer: Payer): Promise<ChainPayment[]> {
  const { bank, bookId, network } = payer
  const rows = await bank.db.query<RawPayment>(
    'chain-payments-given-up',
    `select ${paymentColumns} from chain_payments
     where book_id = $1 and network = $2 and order_kind = any ($3) and give_up is not null
       and status in ('ready', 'refused', 'signed', 'broadcast', 'uncertain') order by created_at, id`,
    [bookId, network.code, kindsOf(payer)],
  )
  return rows.map(paymentOf)
}

/** Nothing of it can be mined: it may end, or start again. */
async function end(payer: Payer, { id }: ChainPayment): Promise<boolean> {
  const { bank, bookId } = payer
  return bank.db.transaction(async (tx) => {
    const payment = await lockPayment(tx, bookId, id)
    if (payment.give_up === 'void' && isIn(payment, 'ready', 'refused'))
      await movePaid(payer, tx, payment, 'void', { reason: 'given up' })
    else if (payment.give_up === 'again' && isIn(payment, 'refused')) await movePaid(payer, tx, payment, 'ready')
    else return false
    return true
  })
}

/** The oldest of a payment's transactions stands for its nonce. */
async function openFilling(payer: Payer, payment: ChainPayment): Promise<void> {
  const { bank, bookId } = payer
  const all = (await transactionsOf(bank.db, bookId, [payment.id])).get(payment.id) ?? []
  const oldest = all.findLast(({ status }) => status === 'signed' || status === 'sent')
  if (!oldest || payment.order_kind === 'nonce_fill') return
  await bank.db.transaction((tx) =>
    openChainPayment(
      tx,
      bookId,
      {
        network: payment.network,
        order_kind: 'nonce_fill',
        order_id: oldest.id,
        asset: 'coin',
        from_purpose: payment.from_purpose,
        from_index: payment.from_index,
        from_address: payment.from_address,
        to_address: payment.from_address,
        value: 0n,
      },
      bank.clock.now(),
    ),
  )
}

async function advanceFilling(payer: Payer, filling: ChainPayment, stopped: boolean): Promise<boolean> {
  const { bank, bookId, network, sender } = payer
  const rivals = await rivalsOf(payer, filling)
  const [newest] = rivals.filter(({ status }) => status === 'signed' || status === 'sent')
  const isMined = rivals.some(({ status }) => status === 'mined')
  if (rivals.some(({ status }) => status === 'final') || !(newest || isMined)) return endFilling(payer, filling)
  if (!newest || isMined || stopped) return false // a block may still leave the chain, and then it is wanted again
  if (!mayAskAgain((await askedOf(bank.db, bookId, [filling.id]))(filling.id), bank.clock.now())) return false
  const { from_address: from } = filling
  const [dearer, plain] = await Promise.all([
    sender.raise(newest.draft, network.feeCap),
    sender.draft({ asset: 'coin', from, to: from, value: 0n }),
  ])
  if (!dearer || !('gas' in dearer) || !('gas' in plain)) return false
  return bank.db.transaction(async (tx) => {
    const payment = await lockPayment(tx, bookId, filling.id)
    if (!isIn(payment, 'ready')) return false
    const request = { paymentId: filling.id, network: network.code, draft: { ...dearer, gas: plain.gas } }
    return requestSignature(tx, bookId, { ...request, replaces: newest.id })
  })
}

/** All with the nonce that is to be filled, the newest first. */
async function rivalsOf({ bank, bookId, network }: Payer, filling: ChainPayment): Promise<ChainTransaction[]> {
  const [of] = await bank.db.query<{ nonce: bigint }>(
    'chain-transaction-nonce',
    'select nonce from chain_transactions where book_id = $1 and id = $2',
    [bookId, filling.order_id],
  )
  if (!of) throw new Error('a nonce is filled in the place of a transaction')
  const { from_address } = filling
  return transactionsWithNonce(bank.db, bookId, { network: network.code, from_address, nonce: Number(of.nonce) })
}

/** The nonce is used, or nobody wants it any more. */
async function endFilling(payer: Payer, { id }: ChainPayment): Promise<boolean> {
  return payer.bank.db.transaction(async (tx) => {
    const payment = await lockPayment(tx, payer.bookId, id)
    if (!isIn(payment, 'ready')) return false
    await movePaid(payer, tx, payment, 'void', { reason: 'the nonce is used' })
    return true
  })
}
