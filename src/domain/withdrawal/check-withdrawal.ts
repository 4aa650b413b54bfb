// What is checked of a withdrawal before anybody proves to be its owner: the network, the amount, the address.
// Must stay true: a quote and a submission refuse by the same code here, and nothing is written or used up by it.

import { Refusal } from '../../base/errors.ts'
import { formatAmount, parsePositiveAmount } from '../../base/money.ts'
import { assets } from '../../ledger/accounts.ts'
import { showAddress } from '../chain/address.ts'
import { chainStateOf } from '../chain/chain-state.ts'
import { hotAddress } from '../chain/house-address.ts'
import { type Network, networkOf } from '../chain/network.ts'
import type { Actor, Bank } from '../context.ts'
import { ownPerson, type Person } from '../people/people.ts'
import { type WithdrawalSettings, withdrawalSettings } from '../setting.ts'
import type { WithdrawalAsset } from '../setting-definitions.ts'
import { allowList, requireListed } from './address-book.ts'
import { chainValue } from './chain-value.ts'
import { perDayOf } from './daily-limit.ts'
import { readDestination } from './destination.ts'
import { acquaintanceOf } from './lookalike.ts'

/** A withdrawal whose network and amount are in order. */
export interface Priced {
  network: Network
  asset: WithdrawalAsset
  settings: WithdrawalSettings
  amount: bigint
  perDay: bigint
  person: Person
}

/** Refuses NetworkUnknown, NetworkUnavailable, InvalidAmount, AmountBelowMinimum, AmountAboveMaximum. */
export async function priceWithdrawal(
  bank: Bank,
  actor: Actor,
  input: { network: string; asset: WithdrawalAsset; amount: string },
): Promise<Priced> {
  const { asset } = input
  const { scale } = assets[asset]
  const network = networkOf(bank.networks, input.network)
  const amount = parsePositiveAmount(input.amount, scale)
  const settings = await openFor(bank, actor.bookId, network, asset)
  if (amount < settings.min || amount <= settings.fee)
    throw new Refusal('AmountBelowMinimum', { pointer: '/amount', minimum: formatAmount(settings.min, scale) })
  if (amount > settings.max)
    throw new Refusal('AmountAboveMaximum', { pointer: '/amount', maximum: formatAmount(settings.max, scale) })
  chainValue(network, asset, amount - settings.fee)
  const person = await ownPerson(bank, actor)
  const perDay = await perDayOf(bank, actor.bookId, person.kycLevel, asset, settings)
  return { network, asset, settings, amount, perDay, person }
}

/** Which assets leave over a network. */
const leaves = (network: Network, asset: WithdrawalAsset) => asset === 'USDT' || network.coin === asset

/** Refuses `NetworkUnavailable` where nothing could be paid. A stop of money out only makes it wait. */
export async function openFor(
  bank: Bank,
  bookId: number,
  network: Network,
  asset: WithdrawalAsset,
): Promise<WithdrawalSettings> {
  const closed = (reason: string) => new Refusal('NetworkUnavailable', { pointer: '/chain', reason, retryAfter: 60 })
  if (!leaves(network, asset)) throw closed(`no ${asset} leaves over this network`)
  const settings = await withdrawalSettings(bank, bookId, network.code, asset, { fresh: true })
  if (!settings.enabled) throw closed('withdrawals are switched off')
  const state = await chainStateOf(bank.db, bookId, network.code)
  if (state?.phase !== 'following' || state.number === null) throw closed('the network is not followed now')
  if (hotAddress(bank, bookId, network.family) === undefined) throw closed('there is no wallet to pay from')
  return settings
}

/**
 * The canonical address, if the customer may withdraw to it. Refuses AddressInvalid, AddressForbidden, AddressOfCustomer,
 * and in allow-list mode (or with `listedOnly`) AddressNotListed, AddressTooNew.
 */
export async function checkDestination(
  bank: Bank,
  actor: Actor,
  network: Network,
  text: string,
  { listedOnly = false } = {},
): Promise<string> {
  const to = await readDestination(bank, bank.db, actor, network, text)
  if (listedOnly || (await allowList(bank, bank.db, actor)).on) await requireListed(bank, bank.db, actor, network, to)
  return to
}

/** Refuses (`AddressLookalike`) an address that could be mistaken for another, unless the customer says that it is meant. */
export async function refuseLookalike(
  bank: Bank,
  actor: Actor,
  network: Network,
  to: string,
  confirmed: boolean,
  pointer = '/to_address',
): Promise<void> {
  if (confirmed) return
  const { lookalike } = await acquaintanceOf(bank, bank.db, actor, to)
  if (lookalike === undefined) return
  throw new Refusal('AddressLookalike', { pointer, similar_to: showAddress(network, lookalike) })
}
