// The directory of banks: found in every way that people look for one, bounded, and filled from CSV as a whole or not at all.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { systemClock } from '../src/base/clock.ts'
import { BadDirectory, importDirectory } from '../src/domain/remittance/import-banks.ts'
import { type Customer, signUp, startWorld, type World } from './harness/customers.ts'

let world: World
let alice: Customer
before(async () => {
  world = await startWorld()
  alice = await signUp(world)
})
after(() => world?.close())

interface Bank {
  bank_code: string
  name: string
  swift_code: string
}
interface Branch {
  cnaps_code: string
  bank_code: string
  bank_name: string
}
async function get<D>(path: string): Promise<D> {
  const { data, text } = await world.call<D>('GET', path, undefined, { token: alice.access })
  assert.ok(data, text)
  return data
}
const find = async (q: string) =>
  (await get<Bank[]>(`/api/remittance/banks?q=${encodeURIComponent(q)}`)).map((bank) => bank.bank_code)
const branchesBy = (query: Record<string, string>) =>
  get<Branch[]>(`/api/remittance/banks/branches?${new URLSearchParams(query)}`)

test('a new installation knows some thirty banks, each with a SWIFT code and a branch of its own', async () => {
  const all = await get<Bank[]>('/api/remittance/banks')
  assert.ok(all.length >= 30, `${all.length} banks`)
  assert.deepEqual(
    all.find((bank) => bank.bank_code === 'ICBC'),
    { bank_code: 'ICBC', name: '工商银行', name_en: 'Industrial and Commercial Bank of China', swift_code: 'ICBKCNBJ' },
  )
  for (const { bank_code } of all) assert.ok((await branchesBy({ bank_code })).length > 0, bank_code)
  const sources = await world.database.owner.query('', `select 1 from banks where source = ''`)
  assert.equal(sources.length, 0)
})

test('a bank is found by Chinese, pinyin, its initials, English, code and SWIFT', async () => {
  for (const q of ['工商', 'gongshang', 'GongShang', 'gsyh', 'industrial and commercial', 'icbc', 'ICBKCNBJ', 'ICBC'])
    assert.ok((await find(q)).includes('ICBC'), q)
  assert.deepEqual(await find('招商'), ['CMB'])
  assert.deepEqual(await find('没有的银行'), [])
  assert.deepEqual(await find("%_' or 1=1"), [])
})

test('branches are found by bank, words and number, and never more than fifty', async () => {
  assert.deepEqual(await branchesBy({ cnaps: '308100005019' }), [
    { cnaps_code: '308100005019', bank_code: 'CMB', bank_name: '招商银行股份有限公司北京分行' },
  ])
  const beijing = await branchesBy({ bank_code: 'CMB', q: 'beijing' })
  assert.deepEqual(
    beijing.map((branch) => branch.cnaps_code),
    ['308100005019', '308100005027'],
  )
  assert.deepEqual(await branchesBy({ bank_code: 'ABC', q: '上海' }), [])
  const many = Array.from(
    { length: 80 },
    (_, i) => `10210001${String(i).padStart(4, '0')},ICBC,工商银行试验支行${i},test`,
  )
  await load(`cnaps,bank_code,name,source\n${many.join('\n')}`)
  assert.equal((await branchesBy({ q: '试验' })).length, 50)
  assert.ok((await get<Branch[]>('/api/remittance/banks/branches')).length <= 50)
})

const load = (csv: string) => world.database.db.transaction((tx) => importDirectory(tx, csv, systemClock.now()))

test('a file is taken whole, brings entries up to date, and what is wrong is named with its line', async () => {
  const heading = 'code,name_zh,name_en,swift,source\n'
  assert.deepEqual(await load(`\uFEFF${heading}ZZB,"试点,银行",Pilot Bank,ZZZBCNBJ,test\r\n`), {
    banks: 1,
    branches: 0,
  })
  assert.deepEqual(await find('shidian'), ['ZZB'])
  await load(`${heading}ZZB,试点银行,Second Bank,ZZZBCNBJ,test`)
  assert.deepEqual([await find('pilot'), await find('secondbank')], [[], ['ZZB']])
  const wrong: [string, RegExp][] = [
    ['a,b\n', /line 1/],
    [`${heading}YYB,甲,A,AAAACNBJ,x\nYYB,乙,B,BBBBCNBJ,x`, /line 3.*comes again/],
    [`${heading}YYB,甲,A,AAAACNBJ,x\nXXB,乙,B,swift,x`, /line 3.*swift/],
    [`${heading}YYB,甲,A,AAAACNBJ`, /line 2.*5 fields/],
    ['cnaps,bank_code,name,source\n123456789012,NOPE,支行,x', /line 2.*no bank NOPE/],
    ['cnaps,bank_code,name,source\n12345,ICBC,支行,x', /line 2.*12 digits/],
  ]
  for (const [csv, says] of wrong) {
    const error = await load(csv).then(
      () => assert.fail(csv),
      (reason: unknown) => reason,
    )
    assert.ok(error instanceof BadDirectory, String(error))
    assert.match(error.message, says)
  }
  assert.deepEqual(await find('YYB'), [])
})
