// The command line where people are concerned: operators from the shell, one withdrawal's story.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { runCli } from './harness/cli.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { type Paying, startPaying, usdt } from './harness/paying.ts'
import { signerFolder } from './harness/signer-process.ts'

const MASTER_KEY = '11'.repeat(32)
let base: TestDatabase
let dir: string
before(async () => {
  base = await createTestDatabase()
  dir = signerFolder()
})
after(() => base?.drop())

// --- operators -------------------------------------------------------------------------------------------------------

test('operator: invited once, again after losing access, listed, disabled; nothing of it is readable in the database', async () => {
  const env = { DATABASE_URL: base.url, DATA_DIR: dir, MASTER_KEY }
  const operator = (...args: string[]) => runCli(['operator', ...args], env)
  assert.equal((await operator('list')).out, 'nobody yet\n')
  const missing = await operator('invite', 'ann@bank.example')
  assert.deepEqual([missing.code, /--name and --roles/.test(missing.said)], [2, true])
  const unknown = await operator('invite', 'ann@bank.example', '--name', 'Ann', '--roles', 'king')
  assert.deepEqual([unknown.code, /support, risk, finance, admin/.test(unknown.said)], [2, true])

  const invited = await operator('invite', 'Ann@Bank.example', '--name', 'Ann', '--roles', 'admin,risk', '--json')
  assert.equal(invited.code, 0, invited.said)
  const { code, operator: id } = invited.json as { code: string; operator: string }
  assert.match(code, /^\S{20,}$/)
  const twice = await operator('invite', 'ann@bank.example', '--name', 'Ann', '--roles', 'admin')
  assert.deepEqual([twice.code, /refused: ContactTaken/.test(twice.said)], [1, true])
  const again = await operator('invite', 'ann@bank.example', '--again', '--json')
  assert.notEqual(again.json.code, code)

  const list = await operator('list')
  assert.match(list.out, new RegExp(`^${id}  ann@bank\\.example  Ann  admin,risk  invited`))
  assert.ok(!list.out.includes(String(again.json.code)), 'a code is shown once')
  const gone = await operator('--by', 'root of box 7', 'disable', 'ann@bank.example', 'left the house')
  assert.deepEqual([gone.code, gone.out], [0, 'ann@bank.example has no access any more\n'])
  assert.match((await operator('list')).out, / disabled /)
  assert.equal((await operator('disable', 'bob@bank.example', 'x')).code, 2)
  const [row] = await base.owner.query<{ dump: string; reason: string }>(
    '',
    `select (select string_agg(o::text, '') from operators o) as dump,
            (select data->>'reason' from audit_log where action = 'operator.disabled') as reason`,
  )
  assert.equal(row?.reason, 'root of box 7, from a shell: left the house')
  assert.ok(row && !row.dump.includes('ann@bank'))

  const otherKey = await runCli(['operator', 'list'], { ...env, MASTER_KEY: '22'.repeat(32) })
  assert.deepEqual([otherKey.code, /does not open with this MASTER_KEY/.test(otherKey.said)], [2, true])
  const noKey = await runCli(['operator', 'list'], { DATABASE_URL: base.url, DATA_DIR: dir })
  assert.deepEqual([noKey.code, /there is no master key in/.test(noKey.said)], [3, true])
})

// --- withdrawals -----------------------------------------------------------------------------------------------------

test('withdrawal show: order, payment, transaction, hold and journal, from the first step to the last', async () => {
  const paying: Paying = await startPaying({ code: 'BSC', chainId: 31_021 })
  try {
    const env = { DATABASE_URL: paying.base.url, DATA_DIR: dir, NETWORKS: JSON.stringify(paying.networks) }
    const show = (id: string, ...more: string[]) => runCli(['withdrawal', 'show', id, ...more], env)
    const id = await paying.withdraw(usdt(100))
    const first = await show(`w-${id}`)
    assert.equal(first.code, 0, first.said)
    assert.match(first.out, new RegExp(`^w-${id}  approved`))
    assert.match(first.out, /100\.00 USDT, of it 1\.00 USDT fee\n {2}99\.00 USDT to 0x/)
    assert.match(first.out, /Payment \S+ {2}ready[\s\S]*Hold \S+ {2}open, 0 USDT of 100\.00 USDT taken/)

    await paying.finish(paying.advancer())
    const [transaction] = await paying.transactions()
    const last = await show(id)
    assert.match(
      last.out,
      new RegExp(`transaction ${transaction?.tx_hash}  final  nonce 0  block \\d+  success  fee \\d+`),
    )
    assert.match(last.out, /Hold \S+ {2}captured, 100\.00 USDT of 100\.00 USDT taken/)
    assert.match(last.out, /Journal \S+ {2}withdrawal at \S+\n {4}U10001:main:USDT {2}-100\n {4}house:hot:USDT:2 {2}99/)
    for (const step of ['→ confirmed', 'signed → broadcast', 'mined → confirmed'])
      assert.ok(last.out.includes(step), step)
    const document = await show(id, '--json')
    assert.equal((document.json.order as { status: string }).status, 'confirmed')
    assert.ok(transaction && !document.out.includes(transaction.raw), 'signed bytes are not shown')

    const absent = await show('w-01900000-0000-7000-8000-000000000001')
    assert.deepEqual([absent.code, /refused: NotFound/.test(absent.said)], [1, true])
    assert.equal((await show('w-1')).code, 2)
  } finally {
    await paying.close()
  }
})
