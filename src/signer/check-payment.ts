// Whether a payment is one that the signer signs: where it comes from, where it goes, and that it was approved, each found
// out here and none believed. Must stay true: every kind has its own rule and an unknown kind none; money leaves the house
// only for a withdrawal whose order carries the MAC of its approval; everything else goes to addresses of our own keys, or
// to the cold wallet of our own configuration.

import { type Clock, hours } from '../base/clock.ts'
import type { Queries } from '../base/database.ts'
import { formatAmount, toChainUnits } from '../base/money.ts'
import { nobodysAddress } from '../domain/chain/address.ts'
import type { Network } from '../domain/chain/network.ts'
import { isApproved } from '../domain/chain-payment/approval-mac.ts'
import type { ChainPayment } from '../domain/chain-payment/chain-payment.ts'
import { assets } from '../ledger/accounts.ts'
import { demand, demandNow } from './declined.ts'
import type { KeyPort } from './key-port.ts'
import { coinDecimals, type SignerLimits } from './limits.ts'
import type { OwnRecord } from './own-record.ts'
import { approvedOrder, coinWithinHour, depositIndex, type Request, signedWithinHour } from './read-request.ts'
import { addressAt, addressHex, keyPath } from './wallet-address.ts'

/** What the signer goes by, besides the database. */
export interface Rules {
  readonly clock: Clock
  readonly keys: KeyPort
  readonly networks: readonly Network[]
  readonly limits: SignerLimits
  /** By family; empty when there is none. */
  readonly cold: Readonly<Record<Network['family'], string>>
  /** Key of the MAC of approvals. */
  readonly approvalKey: Uint8Array
  /** What this signer itself remembers. */
  readonly record: OwnRecord
}

/** Orders that stand, and whose payment may therefore be signed: for the first time, or again. */
const SIGNABLE = ['approved', 'processing']

/** Answers with the network and the path of the key that signs; throws `Declined` for every other payment. */
export async function checkPayment(
  q: Queries,
  rules: Rules,
  request: Request,
): Promise<{ network: Network; path: string }> {
  const { bookId, payment } = request
  const network = rules.networks.find(({ code }) => code === payment.network)
  demand(network && request.network === payment.network, `${payment.network} is no network of this signer`)
  const { family } = network
  const path = keyPath(family, payment.from_purpose, bookId, payment.from_index)
  demand(
    (await addressAt(rules.keys, family, path)) === payment.from_address,
    'the address that is to pay is not the one that our key makes',
  )
  demand(addressHex(family, payment.to_address), 'the address that is to be paid is not in canonical form')
  const nobodys = nobodysAddress(rules.networks, payment.to_address)
  demand(nobodys === undefined, `the address that is to be paid is nobody's: ${nobodys}`)
  const units = 2n ** (family === 'tron' && payment.asset === 'coin' ? 63n : 256n)
  demand(payment.value < units, 'the value is larger than the chain can carry')
  await rule[payment.order_kind]({ q, rules, bookId, network, payment, replaces: request.replaces })
  return { network, path }
}

interface Case {
  q: Queries
  rules: Rules
  bookId: number
  network: Network
  payment: ChainPayment
  replaces: string | null
}

const rule: Record<ChainPayment['order_kind'], (asked: Case) => Promise<void>> = {
  withdrawal: checkWithdrawal,

  /** A deposit address is emptied into a wallet of the house. */
  async sweep({ rules, bookId, network, payment }) {
    demand(payment.from_purpose === 'deposit', 'a sweep pays from a deposit address')
    const hot = await addressAt(rules.keys, network.family, keyPath(network.family, 'hot', bookId, 0))
    demand(
      [hot, rules.cold[network.family]].includes(payment.to_address),
      'a sweep goes to our hot or cold wallet and nowhere else',
    )
  },

  async cold_move({ rules, network, payment }) {
    demand(payment.from_purpose === 'hot', 'a move to the cold wallet pays from the hot wallet')
    const cold = rules.cold[network.family]
    demandNow(cold !== '', `no cold wallet is set (COLD_ADDRESS_${network.family.toUpperCase()})`)
    demand(payment.to_address === cold, 'this is not the cold wallet of our configuration')
  },

  /** A deposit address gets coin for the fee of its sweep. */
  async top_up({ q, rules, bookId, network, payment }) {
    const { family, code, coin } = network
    demand(payment.from_purpose === 'hot' && payment.asset === 'coin', 'a top-up is coin from the hot wallet')
    const index = await depositIndex(q, bookId, family, payment.to_address)
    demand(index !== undefined, 'a top-up goes to a deposit address, and this is none')
    demand(
      (await addressAt(rules.keys, family, keyPath(family, 'deposit', bookId, index))) === payment.to_address,
      'the deposit address is not the one that our key makes',
    )
    const most = rules.limits.topUp.get(code) ?? 0n
    demand(
      payment.value <= most,
      `a top-up of more than ${formatAmount(most, coinDecimals(family))} ${coin} (SIGNER_MAX_TOP_UP)`,
    )
  },

  /** Takes the nonce of a transaction that is stuck. */
  async nonce_fill({ network, payment, replaces }) {
    demand(network.family === 'evm' && payment.asset === 'coin', 'only EVM networks have nonces to fill')
    demand(payment.value === 0n && payment.to_address === payment.from_address, 'a nonce is filled with 0 to itself')
    demand(replaces !== null, 'a nonce is filled in the place of a transaction that is stuck')
  },
}

async function checkWithdrawal({ q, rules, bookId, network, payment }: Case): Promise<void> {
  demand(payment.from_purpose === 'hot', 'a withdrawal pays from the hot wallet')
  const order = await approvedOrder(q, bookId, payment.order_id)
  demand(order, 'there is no withdrawal behind this payment')
  demand(payment.approval_mac, 'the approval is missing')
  const asset = order.asset === 'USDT' ? 'token' : 'coin'
  demand(order.network === payment.network && asset === payment.asset, 'the order names another network or asset')
  demand(asset === 'token' || network.coin === order.asset, `${order.asset} is not the coin of ${network.code}`)
  demand(order.to_address === payment.to_address, 'the order names another address')
  const decimals = asset === 'token' ? network.decimals : coinDecimals(network.family)
  const net = toChainUnits(order.amount - order.fee, decimals, assets[order.asset].scale)
  demand(order.amount > order.fee && net === payment.value, 'the value is not the amount of the order less its fee')
  const { amount, fee } = order
  demand(
    isApproved(
      rules.approvalKey,
      {
        bookId,
        id: payment.order_id,
        network: network.code,
        asset,
        to: payment.to_address,
        value: net,
        amount,
        fee,
      },
      payment.approval_mac,
    ),
    'the approval does not belong to this order as it stands: somebody changed it, or never approved it',
  )
  demand(SIGNABLE.includes(order.status), `the order is ${order.status}, not approved`)
  await checkLimits({ q, rules, bookId, network, payment }, order.asset, decimals)
}

async function checkLimits(
  { q, rules, bookId, payment }: Omit<Case, 'replaces'>,
  asset: 'USDT' | 'TRX',
  decimals: number,
): Promise<void> {
  const { scale } = assets[asset]
  const suffix = asset === 'USDT' ? '' : `_${asset}`
  const most = rules.limits.payment[asset]
  demand(
    payment.value <= toChainUnits(most, decimals, scale),
    `more than ${formatAmount(most, scale)} ${asset} in one payment (SIGNER_MAX_PAYMENT${suffix})`,
  )
  const hour = rules.limits.hour[asset]
  const stored = await signedWithinHour(q, bookId, payment)
  const { network, asset: kind, order_id: order } = payment
  const remembered = rules.record.since(rules.clock.now().getTime() - hours(1), {
    book: bookId,
    network,
    asset: kind,
    order,
  })
  const before = stored > remembered ? stored : remembered
  demandNow(
    before + payment.value <= toChainUnits(hour, decimals, scale),
    `more than ${formatAmount(hour, scale)} ${asset} within an hour (SIGNER_MAX_HOUR${suffix}); it can be signed later`,
  )
}

/** What the hot wallet spends on itself: `cost` is the most that the transaction can burn. */
export async function checkCoin(
  q: Queries,
  { limits }: Rules,
  { bookId, payment }: Request,
  { code, coin, family }: Network,
  cost: bigint,
): Promise<void> {
  if (payment.from_purpose !== 'hot') return // a deposit address has no coin but what it was topped up with
  const most = limits.coinHour.get(code) ?? 0n
  const given = payment.order_kind === 'top_up' ? payment.value : 0n
  const before = await coinWithinHour(q, bookId, payment)
  demandNow(
    before + given + cost <= most,
    `more than ${formatAmount(most, coinDecimals(family))} ${coin} on fees and top-ups within an hour (SIGNER_MAX_COIN_HOUR)`,
  )
}
