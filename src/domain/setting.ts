// What operators may change without a restart: the values that hold now, and changing them (approvals of kind `setting`
// do). Must stay true: a change is a row of its own, never an overwriting; values that belong together (min and max, floor
// and ceiling) stay in order; whether money is stopped is never remembered, always asked.

import { seconds } from '../base/clock.ts'
import type { Queries, Tx } from '../base/database.ts'
import { assert, Refusal } from '../base/errors.ts'
import { formatAmount, parseAmount } from '../base/money.ts'
import { assets } from '../ledger/accounts.ts'
import { chainStateOf } from './chain/chain-state.ts'
import type { Bank } from './context.ts'
import { perBank } from './per-bank.ts'
import {
  type Definition,
  definitions,
  type KycLevel,
  ladders,
  orders,
  type SettingName,
  settingDefinitions,
  settingScopes,
  shares,
  type Value,
  type WithdrawalAsset,
  type Words,
} from './setting-definitions.ts'

const scale = assets.USDT.scale

export interface WithdrawalSettings {
  enabled: boolean
  fee: bigint
  min: bigint
  max: bigint
  /** Up to this amount a withdrawal is approved by itself. */
  autoBelow: bigint
  /** Above this amount two different operators must approve it. */
  secondReviewAbove: bigint
  /** Above this amount what a program asks for waits for the customer. */
  confirmAbove: bigint
}

export interface TreasurySettings {
  /** Below this the hot wallet is filled up. */
  hotFloor: bigint
  /** To this it is filled up, or emptied. */
  hotTarget: bigint
  /** Above this what is too much goes to the cold wallet. */
  hotCeiling: bigint
  /** Deposit addresses with less are not swept. */
  sweepAbove: bigint
  /** The most that a sweep may cost: the network's coin, with 6 decimals whatever the coin's own. */
  sweepMaxFee: bigint
  /** Customers' coin is swept from here on; likewise. */
  coinSweepAbove: bigint
}

/** The stop of money leaving: a reason, or empty when it may leave. Scope: a network, or empty for all of them. */
const STOPPED = 'moneyOut.stopped'

// --- reading ---

interface Changed {
  name: string
  scope: string
  value: string
  no: bigint
}

/** All that was ever changed, as it holds now (or did before an instant), and the number of the newest change. */
async function readAll(
  q: Queries,
  bookId: number,
  before?: Date,
): Promise<{ values: Map<string, string>; no: bigint }> {
  const rows = await q.query<Changed>(
    'settings-all',
    `select distinct on (name, scope) name, scope, value, no from setting_changes
     where book_id = $1 and ($2::timestamptz is null or changed_at < $2) order by name, scope, no desc`,
    [bookId, before ?? null],
  )
  const newest = rows.reduce((no, row) => (row.no > no ? row.no : no), 0n)
  return { values: new Map(rows.map((row) => [keyOf(row.name, row.scope), row.value])), no: newest }
}

const keyOf = (name: string, scope: string) => `${name} ${scope}`

const BELIEVED = seconds(1)
interface Believed {
  values: Promise<Map<string, string>>
  until: number
}
const believed = perBank(() => new Map<number, Believed>())

function valuesOf(bank: Bank, bookId: number, { fresh, within }: Reading): Promise<Map<string, string>> {
  if (within) return readAll(within, bookId).then((all) => withLive(bank, all.values))
  const known = believed(bank)
  const now = performance.now()
  const before = known.get(bookId)
  if (before && !fresh && now < before.until) return before.values
  const values = readAll(bank.db, bookId).then((all) => withLive(bank, all.values))
  known.set(bookId, { values, until: now + BELIEVED })
  values.catch(() => known.delete(bookId)) // a database that did not answer is asked again
  return values
}

const printValue = ({ type }: Definition, value: Value): string =>
  typeof value === 'bigint' && type !== 'count' ? formatAmount(value, scale) : `${value}`

const WHOLE_SHARE = 10n ** BigInt(scale)

/** Refuses (`InvalidAmount`, `InvalidParams`) what is no value of this setting. */
function parseValue({ type }: Definition, text: string, pointer: string): Value {
  const refuse = (reason: string) => new Refusal('InvalidParams', { pointer, reason })
  switch (type) {
    case 'amount':
      return parseAmount(text, scale, pointer)
    case 'rate': {
      const rate = parseAmount(text, scale, pointer)
      if (rate > WHOLE_SHARE) throw refuse('a share of at most 1')
      return rate
    }
    case 'count':
      if (!/^(0|[1-9]\d{0,8})$/.test(text)) throw refuse('a whole number')
      return BigInt(text)
    case 'switch':
      if (text !== 'true' && text !== 'false') throw refuse('true or false')
      return text === 'true'
  }
}

/** With what is otherwise in live mode and was never changed. */
function withLive(bank: Bank, values: Map<string, string>): Map<string, string> {
  if (bank.config.UNIPAY_MODE !== 'live') return values
  for (const [name, definition] of Object.entries(definitions)) {
    if (definition.live === undefined) continue
    for (const scope of settingScopes(bank.networks, definition.per)) {
      const key = keyOf(name, scope)
      if (!values.has(key)) values.set(key, printValue(definition, definition.live))
    }
  }
  return values
}

const valueText = (values: ReadonlyMap<string, string>, name: string, scope: string): string => {
  const definition = definitions[name]
  assert(definition, `${name} is a setting`)
  return values.get(keyOf(name, scope)) ?? printValue(definition, definition.fallback(scope))
}

/** An amount, a rate or a count, in its smallest unit. */
function amountOf(values: ReadonlyMap<string, string>, name: SettingName, scope: string): bigint {
  const value = parseValue(definitions[name] ?? assertNever(name), valueText(values, name, scope), '')
  assert(typeof value === 'bigint', `${name} is no switch`)
  return value
}
const assertNever = (name: string): never => {
  throw new Error(`${name} is no setting`)
}

export interface Reading {
  /** Asks the database now, instead of believing what was read less than a second ago. */
  fresh?: boolean
  /** The same in a transaction: there a second connection would be waited for by all who hold one. */
  within?: Tx
}

/** Values that hold now, for one network and asset ('USDT', or the network's coin 'TRX'). */
export async function withdrawalSettings(
  bank: Bank,
  bookId: number,
  network: string,
  asset: WithdrawalAsset,
  reading: Reading = {},
): Promise<WithdrawalSettings> {
  const values = await valuesOf(bank, bookId, reading)
  const scope = `${network}/${asset}`
  return {
    enabled: valueText(values, 'withdrawal.enabled', scope) === 'true',
    fee: amountOf(values, 'withdrawal.fee', scope),
    min: amountOf(values, 'withdrawal.min', scope),
    max: amountOf(values, 'withdrawal.max', scope),
    autoBelow: amountOf(values, 'withdrawal.autoBelow', scope),
    secondReviewAbove: amountOf(values, 'withdrawal.secondReviewAbove', scope),
    confirmAbove: amountOf(values, 'withdrawal.confirmAbove', scope),
  }
}

export async function treasurySettings(
  bank: Bank,
  bookId: number,
  network: string,
  reading: Reading = {},
): Promise<TreasurySettings> {
  const values = await valuesOf(bank, bookId, reading)
  return {
    hotFloor: amountOf(values, 'treasury.hotFloor', network),
    hotTarget: amountOf(values, 'treasury.hotTarget', network),
    hotCeiling: amountOf(values, 'treasury.hotCeiling', network),
    sweepAbove: amountOf(values, 'treasury.sweepAbove', network),
    sweepMaxFee: amountOf(values, 'treasury.sweepMaxFee', network),
    coinSweepAbove: amountOf(values, 'treasury.coinSweepAbove', network),
  }
}

/** What holds now, setting by setting. */
export interface SettingReader {
  /** An amount, a rate (in millionths) or a count. */
  units(name: SettingName, scope?: string): bigint
  isOn(name: SettingName, scope?: string): boolean
}

const readerOf = (values: ReadonlyMap<string, string>): SettingReader => ({
  units: (name, scope = '') => amountOf(values, name, scope),
  isOn: (name, scope = '') => valueText(values, name, scope) === 'true',
})

export const settingsOf = async (bank: Bank, bookId: number, reading: Reading = {}): Promise<SettingReader> =>
  readerOf(await valuesOf(bank, bookId, reading))

/** What held at an instant: changes made later, or at that very instant, are not seen. */
export async function settingsAsOf(q: Queries, bookId: number, at: Date): Promise<SettingReader> {
  return readerOf((await readAll(q, bookId, at)).values)
}

/** How much USDT a customer of this level may withdraw in 24 hours. */
export async function withdrawalPerDay(
  bank: Bank,
  bookId: number,
  kycLevel: KycLevel,
  reading: Reading = {},
): Promise<bigint> {
  return amountOf(await valuesOf(bank, bookId, reading), 'withdrawal.perDay', kycLevel)
}

/**
 * Why no money may leave a network, or nothing when it may: stopped by an operator, everywhere or there, or by the bank
 * itself because books and chain disagree. Never remembered: ask in the transaction that lets money go.
 */
export async function moneyOutStopped(q: Queries, bookId: number, network: string): Promise<string | undefined> {
  const rows = await q.query<{ value: string }>(
    'settings-stopped',
    `select x.value from unnest(array['', $3]) with ordinality s (scope, n) cross join lateral (
       select value from setting_changes
       where book_id = $1 and name = $2 and scope = s.scope order by no desc limit 1) x
     where x.value <> '' order by s.n`,
    [bookId, STOPPED, network],
  )
  if (rows[0]) return rows[0].value
  return (await chainStateOf(q, bookId, network))?.money_out_paused_for ?? undefined
}

// --- changing ---

/** Refuses (`InvalidParams`) a name or scope that is no setting of this installation. */
export function definitionOf(bank: Bank, name: string, scope: string): Definition {
  const definition = Object.hasOwn(definitions, name) ? definitions[name] : undefined
  if (!definition) {
    throw new Refusal('InvalidParams', { pointer: '/payload/name', reason: Object.keys(definitions).join(', ') })
  }
  const scopes = settingScopes(bank.networks, definition.per)
  if (!scopes.includes(scope))
    throw new Refusal('InvalidParams', { pointer: '/payload/scope', reason: scopes.join(', ') })
  return definition
}

/** Who changes what, and why. */
export interface SettingChange {
  name: string
  scope: string
  value: string
  reason: string
  madeBy: string
  checkedBy: readonly string[]
  approvalId: string | null
}

/** Refuses what `changeSetting` would refuse now, and answers with the value as it would be stored and the one before. */
export async function checkSetting(
  bank: Bank,
  q: Queries,
  bookId: number,
  { name, scope, value }: { name: string; scope: string; value: string },
): Promise<{ value: string; before: string; no: bigint }> {
  const definition = definitionOf(bank, name, scope)
  const text = printValue(definition, parseValue(definition, value, '/payload/value'))
  const { values: changed, no } = await readAll(q, bookId)
  const values = withLive(bank, changed)
  const before = valueText(values, name, scope)
  values.set(keyOf(name, scope), text)
  refuseDisorder(bank, values, name, scope)
  return { value: text, before, no }
}

/** Values that belong together, with this one as it would be. */
function refuseDisorder(bank: Bank, values: ReadonlyMap<string, string>, name: string, scope: string): void {
  const refuse = (reason: string) => new Refusal('InvalidParams', { pointer: '/payload/value', reason })
  for (const [low, sign, high] of orders) {
    if (low !== name && high !== name) continue
    const [a, b] = [amountOf(values, low, scope), amountOf(values, high, scope)]
    if (sign === '<' ? a < b : a <= b) continue
    const said = (one: SettingName) => `${one} (${valueText(values, one, scope)})`
    throw refuse(`${said(low)} must be ${sign} ${said(high)}`)
  }
  for (const parts of shares.filter((each) => each.some(([one, of]) => one === name && of === scope))) {
    const total = parts.reduce((sum, [one, of]) => sum + amountOf(values, one, of), 0n)
    if (total > WHOLE_SHARE) throw refuse(`${parts.map(([one, of]) => `${one} ${of}`.trim()).join(' + ')} exceed 1`)
  }
  for (const ladder of ladders.filter((one) => one === name)) {
    const steps = settingScopes(bank.networks, settingDefinitions[ladder].per)
    const falls = steps.find(
      (step, i) => amountOf(values, ladder, steps[i - 1] ?? step) > amountOf(values, ladder, step),
    )
    if (falls !== undefined) throw refuse(`${ladder} ${falls} must not be below the one before it`)
  }
}

/** Writes a change in the caller's transaction. Refuses what is no good, and `Outdated` when it changes another value. */
export async function changeSetting(
  bank: Bank,
  tx: Tx,
  bookId: number,
  { from, ...change }: SettingChange & { from: string | undefined },
): Promise<void> {
  await takeTurn(tx, bookId)
  const { value, before, no } = await checkSetting(bank, tx, bookId, change)
  if (before !== from) throw new Refusal('Outdated', { current: before })
  await append(bank, tx, bookId, { ...change, value }, before, no)
}

/** Stops money leaving a network, or all of them with an empty code: at once, by one operator alone. */
export async function stopMoneyOut(
  bank: Bank,
  tx: Tx,
  bookId: number,
  stop: { network: string; reason: string; madeBy: string },
): Promise<void> {
  await takeTurn(tx, bookId)
  const { no, values } = await readAll(tx, bookId)
  const { network: scope, reason, madeBy } = stop
  const change = { name: STOPPED, scope, value: reason, reason, madeBy, checkedBy: [], approvalId: null }
  await append(bank, tx, bookId, change, values.get(keyOf(STOPPED, scope)) ?? '', no)
}

/** Takes an operator's stop back. False when there was none. */
export async function releaseMoneyOut(
  bank: Bank,
  tx: Tx,
  bookId: number,
  release: Omit<SettingChange, 'name' | 'value' | 'scope'> & { network: string },
): Promise<boolean> {
  const { network: scope, ...change } = release
  await takeTurn(tx, bookId)
  const { no, values } = await readAll(tx, bookId)
  const before = values.get(keyOf(STOPPED, scope)) ?? ''
  if (before === '') return false
  await append(bank, tx, bookId, { ...change, name: STOPPED, scope, value: '' }, before, no)
  return true
}

/** Those who change a book's settings wait for each other here, rather than collide at the row's number below. */
const takeTurn = (tx: Tx, bookId: number) =>
  tx.query('setting-turn', 'select pg_advisory_xact_lock($1::integer, $2::integer)', [TURN, bookId])
const TURN = 7_311_003

async function append(
  bank: Bank,
  tx: Tx,
  bookId: number,
  change: SettingChange,
  before: string,
  after: bigint,
): Promise<void> {
  const { name, scope, value, reason, madeBy, checkedBy, approvalId } = change
  const written = await tx.query(
    'setting-change',
    `insert into setting_changes (book_id, no, name, scope, value, before, reason, made_by, checked_by, approval_id, changed_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing returning 1`,
    [bookId, after + 1n, name, scope, value, before, reason, madeBy, checkedBy, approvalId, bank.clock.now()],
  )
  if (written.length === 0) throw new Refusal('Busy', { retryAfter: 1, reason: 'another setting was just changed' })
}

// --- showing ---

export interface SettingView {
  name: string
  scope: string
  type: Definition['type']
  about: Words
  value: string
  fallback: string
}

/** Every setting of this installation with the value that holds now and its default. */
export async function settingsNow(bank: Bank, bookId: number): Promise<SettingView[]> {
  const values = withLive(bank, (await readAll(bank.db, bookId)).values)
  return Object.entries(definitions).flatMap(([name, definition]) =>
    settingScopes(bank.networks, definition.per).map((scope) => ({
      name,
      scope,
      type: definition.type,
      about: definition.about,
      value: valueText(values, name, scope),
      fallback: printValue(definition, defaultOf(bank, definition, scope)),
    })),
  )
}

/** Where operators stopped money from leaving: the reason by network, the empty one for all. */
export async function moneyOutStops(q: Queries, bookId: number): Promise<Map<string, string>> {
  const { values } = await readAll(q, bookId)
  return new Map(
    [...values].flatMap(([key, value]) => {
      const [name, scope = ''] = key.split(' ')
      return name === STOPPED && value !== '' ? [[scope, value] as const] : []
    }),
  )
}

const defaultOf = (bank: Bank, { live, fallback }: Definition, scope: string): Value =>
  live !== undefined && bank.config.UNIPAY_MODE === 'live' ? live : fallback(scope)

export interface SettingRow {
  no: bigint
  name: string
  scope: string
  value: string
  before: string
  reason: string
  made_by: string
  checked_by: string[]
  approval_id: string | null
  changed_at: Date
}

/** Changes, newest first: of one setting, of all with a name, or all there are. */
export async function settingHistory(
  q: Queries,
  bookId: number,
  page: { name?: string | undefined; scope?: string | undefined; offset: number; size: number },
): Promise<SettingRow[]> {
  return q.query<SettingRow>(
    'setting-history',
    `select no, name, scope, value, before, reason, made_by, checked_by, approval_id, changed_at from setting_changes
     where book_id = $1 and ($2::text is null or name = $2) and ($3::text is null or scope = $3)
     order by no desc limit $4 offset $5`,
    [bookId, page.name ?? null, page.scope ?? null, page.size, page.offset],
  )
}
