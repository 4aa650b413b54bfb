// What operators must hear of payments: wallets that are short, and payments that do not move. Must stay true: an alert is
// raised when its trouble begins, said again at most once a minute, and closed when the trouble is over.

import { after, minutes } from '../../base/clock.ts'
import { type Alert, closeAlert, openAlerts, raiseAlert } from '../alert.ts'
import type { ChainPaymentStatus } from './chain-payment.ts'
import { heldBack, kindsOf, type Payer } from './payer.ts'
import { amountText, type Short } from './request-signatures.ts'

const REPEAT = minutes(1)
const PATIENCE = minutes(5)

/** When each trouble was last said, by this process; nothing yet before the first round. */
export type Told = Map<string, Date>

const kinds: readonly Alert['kind'][] = ['hot_wallet_short', 'gas_short', 'payment_stuck']

/** Raises what is new, and closes what is over, of these kinds on this network. */
export async function tellTroubles(payer: Payer, told: Told, short: readonly Short[]): Promise<void> {
  const { bank, bookId, network } = payer
  const now = bank.clock.now()
  const troubles = [...short.map((one) => shortAlert(payer, one)), ...(await stuckAlerts(payer, now, short))]
  for (const trouble of troubles) {
    const last = told.get(trouble.key)
    if (last && after(last, REPEAT) > now) continue
    await raiseAlert(bank.db, bookId, trouble)
    told.set(trouble.key, now)
  }
  const present = new Set(troubles.map(({ key }) => key))
  for (const { key, kind, data } of await openAlerts(bank.db, bookId)) {
    if (!kinds.includes(kind) || data.network !== network.code || data.of !== 'payments' || present.has(key)) continue
    await closeAlert(bank.db, bookId, key)
    told.delete(key)
  }
}

function shortAlert({ network }: Payer, { address, hot, of, needed, free, waiting }: Short): Alert {
  const kind = of === 'coin' ? 'gas_short' : 'hot_wallet_short'
  const amounts = { needed: amountText(network, of, needed), free: amountText(network, of, free > 0n ? free : 0n) }
  const asset = of === 'coin' ? network.coin : 'USDT'
  return {
    key: `${kind}:${network.code}:${address}`,
    kind,
    severity: hot ? 'critical' : 'warning',
    data: { of: 'payments', network: network.code, wallet: address, asset, ...amounts, waiting },
  }
}

interface Stuck {
  id: string
  order_kind: string
  order_id: string
  status: ChainPaymentStatus
  from_address: string
  reason: string
  since: Date
}

/** What an operator can do about a payment, by where it stands. */
const advice: { readonly [S in ChainPaymentStatus]?: string } = {
  ready: 'see why it waits; give it up to pay the order back',
  signed: 'see that a worker runs and reaches its node',
  broadcast: 'see what the network asks for in fees; give it up to fill its nonce',
  uncertain: 'look the hash up in an explorer; give it up to fill its nonce',
  mined: 'see that the network is followed and final blocks come',
}

async function stuckAlerts(payer: Payer, now: Date, short: readonly Short[]): Promise<Alert[]> {
  const { bank, bookId, network, orders } = payer
  const settling = network.confirmations * network.blockTime * 3 + (network.finality === 'finalized' ? minutes(30) : 0)
  const rows = await bank.db.query<Stuck>(
    'chain-payments-stuck',
    `select p.id, p.order_kind, p.order_id, p.status, p.from_address, p.reason, coalesce(e.at, p.created_at) as since
     from chain_payments p
     left join lateral (select max(e.at) as at from chain_payment_events e
                        where e.book_id = p.book_id and e.payment_id = p.id) e on true
     where p.book_id = $1 and p.network = $2 and p.status in ('ready', 'signed', 'broadcast', 'uncertain', 'mined')
       and p.order_kind = any ($3) and p.created_at < $4
       and coalesce(e.at, p.created_at) < case p.status when 'mined' then $5::timestamptz else $4 end
     order by p.created_at, p.id limit 100`,
    [bookId, network.code, kindsOf({ orders }), after(now, -PATIENCE), after(now, -PATIENCE - settling)],
  )
  const held = rows.some(({ status }) => status === 'ready' || status === 'signed')
  const stopped = held && (await heldBack(payer, bank.db)) !== undefined
  const shortOf = new Set(short.map(({ address }) => address))
  return rows
    .filter(({ status }) => !stopped || (status !== 'ready' && status !== 'signed')) // who stopped it knows
    .filter(({ status, from_address }) => status !== 'ready' || !shortOf.has(from_address)) // told by its wallet
    .map(({ id, order_kind, order_id, status, reason, since }) => ({
      key: `payment_stuck:${id}`,
      kind: 'payment_stuck',
      severity: 'critical',
      data: {
        of: 'payments',
        network: network.code,
        payment: id,
        order: `${order_kind} ${order_id}`,
        state: status,
        since: since.toISOString(),
        reason,
        advice: advice[status] ?? '',
      },
    }))
}
