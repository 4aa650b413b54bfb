// `unipay partner` as people use it: the real program, on a real database.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { runCli } from './harness/cli.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'

let base: TestDatabase
let dir: string
before(async () => {
  base = await createTestDatabase()
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-partner-'))
})
after(async () => {
  await base?.drop()
  fs.rmSync(dir, { recursive: true, force: true })
})

const unipay = (...args: string[]) =>
  runCli(['partner', ...args], { DATABASE_URL: base.url, DATA_DIR: dir, MASTER_KEY: '11'.repeat(32) })

test('a partner is made with terms of its own, listed without its secret, and gets another key', async () => {
  const terms = path.join(dir, 'terms.json')
  fs.writeFileSync(terms, JSON.stringify({ fee_rate: '0.002', receive_account: { bankName: 'Example Bank' } }))
  const made = await unipay('create', '--name', 'Example', '--source', 'binance', 'okx', '--terms', terms, '--json')
  assert.equal(made.code, 0, made.said)
  const { apiKey, secretKey, partner } = made.json as { apiKey: string; secretKey: string; partner: string }
  assert.match(apiKey, /^rpk_test_[\w-]{20}_[0-9a-f]{6}$/)
  assert.match(secretKey, /^rsk_test_[\w-]{43}$/)
  const listed = await unipay('list', '--json')
  assert.ok(
    listed.out.includes('Example') && listed.out.includes('2000') && !listed.out.includes(secretKey),
    listed.out,
  )
  const rotated = await unipay('rotate', partner)
  assert.equal(rotated.code, 0, rotated.said)
  assert.match(rotated.out, /secretKey +rsk_test_/)
  assert.ok(!rotated.out.includes(secretKey))
  const rows = await base.owner.query<{ n: bigint }>(
    '',
    'select count(*) as n from ramp_partner_keys where expires_at is null',
  )
  assert.equal(rows[0]?.n, 1n, 'the older one ends')
})

test('what cannot be is refused, and nothing is made', async () => {
  const strange = path.join(dir, 'strange.json')
  fs.writeFileSync(strange, JSON.stringify({ fee: '0.1' }))
  const cases: [code: number, ...args: string[]][] = [
    [2, 'create', '--name', 'X', '--source', 'a', '--terms', strange],
    [1, 'create', '--name', 'EXAMPLE', '--source', 'a'],
    [1, 'rotate', '00000000-0000-7000-8000-000000000000'],
  ]
  for (const [code, ...args] of cases) {
    const ran = await unipay(...args)
    assert.equal(ran.code, code, `${args.join(' ')}: ${ran.said}`)
  }
  const rows = await base.owner.query<{ n: bigint }>('', 'select count(*) as n from ramp_partners')
  assert.equal(rows[0]?.n, 1n)
})
