// The book of withdrawal addresses and allow-list mode, over HTTP and with a clock that is moved: what waits a day waits
// it to the minute. And addresses that look like known ones.

import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import { hours, minutes } from '../src/base/clock.ts'
import { newId } from '../src/base/ids.ts'
import { logIn, signUp } from './harness/customers.ts'
import type { Payer } from './harness/hosted.ts'
import { freshAddress, startWithdrawing, usdt, type Withdrawing } from './harness/withdrawing.ts'

let bank: Withdrawing
before(async () => {
  bank = await startWithdrawing()
})
after(() => bank?.close())

interface Listed {
  id: string
  chain: string
  address: string
  label: string
  created_at: string
  usable_at: string
}
interface Mode {
  enabled: boolean
  off_at: string | null
}

const call = <D>(payer: Payer, method: string, path: string, body?: object) =>
  bank.world.call<D>(method, `/api/withdrawal${path}`, body, { token: payer.access })
const add = (payer: Payer, address: string, change: object = {}) =>
  call<Listed>(payer, 'POST', '/addresses', {
    chain: 'BSC',
    address,
    label: 'my wallet',
    payment_password: payer.pin,
    ...change,
  })
const list = async (payer: Payer, query = '') => (await call<Listed[]>(payer, 'GET', `/addresses${query}`)).data
const mode = async (payer: Payer) => (await call<Mode>(payer, 'GET', '/allow-list')).data
const turn = (payer: Payer, enabled: boolean, change: object = {}) =>
  call<Mode>(payer, 'POST', '/allow-list', { enabled, payment_password: payer.pin, ...change })
/** Access tokens are short: signs in again after time has passed. */
async function pass(payer: Payer, milliseconds: number): Promise<void> {
  bank.world.clock.advance(milliseconds)
  payer.access = (await logIn(bank.world, payer)).data.access_token
}
const told = async (payer: Payer) =>
  (await bank.world.call<{ type: string }[]>('GET', '/api/inbox', undefined, { token: payer.access })).data.map(
    ({ type }) => type,
  )

describe('the book', () => {
  test('adds, lists, labels and takes out; each address once a network; told and logged; labels sealed', async () => {
    const alice = await bank.payer()
    const address = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
    const { data, status } = await add(alice, address.toLowerCase(), { label: '  妈妈的钱包 ' })
    assert.equal(status, 200)
    assert.match(data.id, /^a-/)
    assert.deepEqual([data.chain, data.address, data.label], ['BSC', address, '妈妈的钱包'])
    assert.equal(Date.parse(data.usable_at) - Date.parse(data.created_at), hours(24))
    const again = await add(alice, address, { label: 'other' })
    assert.deepEqual([again.data.id, again.data.label, again.data.usable_at], [data.id, 'other', data.usable_at])
    const eth = (await add(alice, address, { chain: 'ETH' })).data
    assert.notEqual(eth.id, data.id, 'another network is another place')
    assert.deepEqual(
      (await list(alice)).map(({ id }) => id),
      [eth.id, data.id],
    )
    assert.deepEqual(
      (await list(alice, '?chain=BSC')).map(({ id }) => id),
      [data.id],
    )
    const label = await call<Listed>(alice, 'PUT', `/addresses/${data.id}`, { label: 'exchange' })
    assert.equal(label.data.label, 'exchange')
    assert.equal((await call(alice, 'DELETE', `/addresses/${data.id}`)).text, '{"code":0}')
    assert.equal((await call(alice, 'DELETE', `/addresses/${data.id}`)).name, 'NotFound')
    assert.equal((await call(alice, 'PUT', `/addresses/${data.id}`, { label: 'x' })).name, 'NotFound')
    assert.deepEqual(await told(alice), ['withdrawal_address_added', 'withdrawal_address_added'])
    const log = await bank.world.call<{ event_type: string }[]>('GET', '/api/security/log', undefined, {
      token: alice.access,
    })
    const events = log.data.map(({ event_type }) => event_type)
    assert.deepEqual(events.slice(0, 3), [
      'withdrawal_address_removed',
      'withdrawal_address_added',
      'withdrawal_address_added',
    ])
    const dump = await bank.world.database.owner.query<{ row: string }>(
      '',
      'select a::text as row from withdrawal_addresses a',
    )
    assert.doesNotMatch(dump.map(({ row }) => row).join(), /exchange|妈妈/)
  })

  test('refuses what may not be paid, and whoever does not prove to be the customer', async () => {
    const [alice, bob] = await Promise.all([bank.payer(), bank.payer()])
    for (const [name, address, change] of [
      ['AddressInvalid', '0x123', {}],
      ['AddressInvalid', freshAddress(), { chain: 'TRX' }],
      ['AddressForbidden', `0x${'0'.repeat(40)}`, {}],
      ['NetworkUnknown', freshAddress(), { chain: 'XYZ' }],
      ['PaymentPasswordWrong', freshAddress(), { payment_password: '000001' }],
      ['InvalidParams', freshAddress(), { label: '   ' }],
      ['InvalidParams', freshAddress(), { label: '字'.repeat(41) }],
      ['InvalidParams', freshAddress(), { usable_at: '2000-01-01T00:00:00Z' }],
    ] as const)
      assert.equal((await add(alice, address, change)).name, name, `${name} ${address}`)
    const theirs = (await add(bob, freshAddress())).data
    for (const [method, body] of [
      ['PUT', { label: 'mine' }],
      ['DELETE', undefined],
    ] as const)
      assert.equal((await call(alice, method, `/addresses/${theirs.id}`, body)).name, 'NotFound')
    assert.deepEqual(await list(alice), [])
    const nobody = { ...(await signUp(bank.world)), pin: '1' }
    assert.equal((await add(nobody, freshAddress())).name, 'PaymentPasswordNotSet')
  })

  test('holds a hundred', async () => {
    const alice = await bank.payer()
    await bank.world.database.owner.query(
      '',
      `insert into withdrawal_addresses (book_id, id, person_no, network, address, label_sealed, created_at, usable_at)
       select 1, gen_random_uuid(), $1, 'BSC', '0x' || lpad(n::text, 40, 'a'), '', now(), now() from generate_series(1, 99) n`,
      [alice.no],
    )
    assert.equal((await add(alice, freshAddress())).status, 200)
    assert.equal((await add(alice, freshAddress())).name, 'AddressBookFull')
  })
})

describe('allow-list mode', () => {
  test('is on at once; an address waits a day: 23:59 no, 24:01 yes', async () => {
    const alice = await bank.payer(usdt(500))
    const listed = freshAddress()
    assert.equal((await bank.submit(alice, '10', { to_address: listed })).status, 200, 'without the mode, at once')
    assert.deepEqual((await turn(alice, true)).data, { enabled: true, off_at: null })
    const refused = await bank.submit(alice, '10', { to_address: listed })
    assert.deepEqual([refused.status, refused.name], [422, 'AddressNotListed'])
    const quote = await call(alice, 'GET', `/usdt/quote?chain=BSC&amount=10&to_address=${listed}`)
    assert.equal(quote.name, 'AddressNotListed')
    const { data } = await add(alice, listed)
    await pass(alice, hours(23) + minutes(59))
    const early = await bank.submit(alice, '10', { to_address: listed })
    assert.deepEqual([early.name, early.details.usable_at], ['AddressTooNew', data.usable_at])
    assert.ok(Number(early.headers.get('retry-after')) <= 60)
    await pass(alice, minutes(2))
    assert.equal((await bank.submit(alice, '10', { to_address: listed })).status, 200)
    assert.equal((await bank.submit(alice, '10', { to_address: freshAddress() })).name, 'AddressNotListed')
    assert.equal((await bank.submit(alice, '10', { chain: 'ETH', to_address: listed })).name, 'AddressNotListed')
    await call(alice, 'DELETE', `/addresses/${data.id}`)
    assert.equal((await bank.submit(alice, '10', { to_address: listed })).name, 'AddressNotListed')
    await add(alice, listed)
    assert.equal((await bank.submit(alice, '10', { to_address: listed })).name, 'AddressTooNew', 'it waits anew')
  })

  test('is off a day after it was asked for: 23:59 no, 24:01 yes; until then it can be kept on', async () => {
    const alice = await bank.payer(usdt(500))
    assert.deepEqual(await mode(alice), { enabled: false, off_at: null })
    assert.equal((await turn(alice, true, { payment_password: '000001' })).name, 'PaymentPasswordWrong')
    await turn(alice, true)
    assert.equal((await turn(alice, false, { payment_password: '000001' })).name, 'PaymentPasswordWrong')
    const asked = await turn(alice, false)
    assert.equal(asked.data.enabled, true)
    const offAt = asked.data.off_at
    await pass(alice, hours(20))
    assert.equal((await turn(alice, false)).data.off_at, offAt, 'asking again changes nothing')
    await turn(alice, true)
    assert.deepEqual(await mode(alice), { enabled: true, off_at: null })
    await pass(alice, hours(5))
    assert.equal((await bank.submit(alice, '10')).name, 'AddressNotListed', 'it was kept on')
    await turn(alice, false)
    await pass(alice, hours(23) + minutes(59))
    assert.equal((await bank.submit(alice, '10')).name, 'AddressNotListed')
    await pass(alice, minutes(2))
    assert.deepEqual(await mode(alice), { enabled: false, off_at: null })
    assert.equal((await bank.submit(alice, '10')).status, 200)
    assert.deepEqual(
      (await told(alice)).filter((type) => type.startsWith('allow_list')),
      ['allow_list_disabled', 'allow_list_enabled', 'allow_list_disabled', 'allow_list_enabled'],
    )
  })
})

describe('addresses that look alike', () => {
  const twin = (of: string) => `${of.slice(0, 6)}${'7'.repeat(32)}${of.slice(-4)}`

  test('of one that was paid: refused until the customer says that it is meant', async () => {
    const alice = await bank.payer(usdt(500))
    const [paid, other] = [freshAddress(), freshAddress()]
    assert.equal((await bank.submit(alice, '10', { to_address: paid })).status, 200)
    const answer = await bank.submit(alice, '10', { to_address: twin(paid) })
    assert.deepEqual([answer.status, answer.name], [422, 'AddressLookalike'])
    assert.equal(String(answer.details.similar_to).toLowerCase(), paid)
    const quote = await call<{ warnings: { code: string }[]; similar_to: string }>(
      alice,
      'GET',
      `/usdt/quote?chain=BSC&amount=10&to_address=${twin(paid)}`,
    )
    assert.ok(quote.data.warnings.some(({ code }) => code === 'lookalike'))
    assert.equal(quote.data.similar_to.toLowerCase(), paid)
    assert.equal((await add(alice, twin(paid))).name, 'AddressLookalike')
    assert.equal((await bank.submit(alice, '10', { chain: 'ETH', to_address: twin(paid) })).name, 'AddressLookalike')
    for (const [chars, to_address] of [
      ['only the end', `0x${'8'.repeat(36)}${paid.slice(-4)}`],
      ['only the beginning', `${paid.slice(0, 6)}${'8'.repeat(36)}`],
      ['neither', other],
    ] as const)
      assert.equal((await bank.submit(alice, '10', { to_address })).status, 200, chars)
    const sure = { to_address: twin(paid), confirm_lookalike: true }
    assert.equal((await bank.submit(alice, '10', sure)).status, 200)
    assert.equal((await bank.submit(alice, '10', { to_address: twin(paid) })).status, 200, 'asked once')
    assert.equal((await bank.submit(alice, '10', { to_address: paid })).status, 200)
  })

  test('of one that stands in the book, or that sent a deposit; one that sent dust is not known by it', async () => {
    const alice = await bank.payer(usdt(500))
    const [listed, sender] = [freshAddress(), freshAddress()]
    await add(alice, listed)
    assert.equal((await bank.submit(alice, '10', { to_address: twin(listed) })).name, 'AddressLookalike')
    const deposit = (from: string, status: string) =>
      bank.world.database.owner.query(
        '',
        `insert into deposits (book_id, id, network, tx_hash, ordinal, class, status, person_no, address, from_address, contract,
           value, received, amount_received, confirmations, block_number, block_hash, mined_at, created_at)
         values (1, $1, 'BSC', $2, 0, $5, $4, $3, '0x', $6, '0x', 1, 1, 0, 1, 1, '0x', now(), now())`,
        [newId(), newId(), alice.no, status, status === 'below_minimum' ? 'below_minimum' : 'customer', from],
      )
    await deposit(twin(sender), 'below_minimum') // the forger's dust, seen before the true one is paid
    assert.equal((await bank.submit(alice, '10', { to_address: sender })).status, 200)
    const answer = await bank.submit(alice, '10', { to_address: twin(sender) })
    assert.equal(answer.name, 'AddressLookalike', 'copied out of the history')
    const honest = freshAddress()
    const journal = newId()
    await deposit(honest, 'pending')
    await bank.world.database.owner.query(
      '',
      `update deposits set status = 'credited', journal_id = $2 where from_address = $1`,
      [honest, journal],
    )
    assert.equal((await bank.submit(alice, '10', { to_address: twin(honest) })).name, 'AddressLookalike')
  })

  test('on TRON as well, whatever the case of its letters', async () => {
    const alice = await bank.payer(usdt(500))
    const paid = 'TJmmqjb1DK9TTZbQXzRQ2AuA94z4gKAPFh'
    assert.equal((await bank.submit(alice, '10', { chain: 'TRX', to_address: paid })).status, 200)
    // found by trying keys, as forgers do, only with fewer characters; the rest is planted where it was paid
    const other = await bank.world.database.owner.query<{ n: number }>(
      '',
      `update withdrawals set to_address = 'TQn9' || substr(to_address, 5, 26) || 'bLSE' where person_no = $1 returning 1 as n`,
      [alice.no],
    )
    assert.equal(other.length, 1)
    const answer = await bank.submit(alice, '10', { chain: 'TRX', to_address: 'TQn9Y2khEsLJW1ChVWFMSMeRDow5KcbLSE' })
    assert.equal(answer.name, 'AddressLookalike')
  })
})
