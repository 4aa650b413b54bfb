// Keys of customers' programs from the shell: made, listed, given a new secret, revoked; and what comes of them is a key
// that the spot API takes.

import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { runCli } from './harness/cli.ts'
import { signUp } from './harness/customers.ts'
import { done, refused, speaking } from './harness/trading.ts'
import { startWithdrawing, type Withdrawing } from './harness/withdrawing.ts'

let bank: Withdrawing
before(async () => {
  bank = await startWithdrawing()
})
after(() => bank?.close())

interface Shown {
  key: string
  secret: string
  scopes: string[]
  ips: string[]
}

test('api-key: create, list, rotate, revoke, demo', async () => {
  const { uid } = await signUp(bank.world)
  const env = {
    DATABASE_URL: bank.world.database.url,
    DATA_DIR: process.env.TMPDIR ?? '/var/tmp',
    MASTER_KEY: '11'.repeat(32),
  }
  const run = (...args: string[]) => runCli(['api-key', ...args, '--json'], env)
  const made = await run('create', uid, '--name', 'bot', '--scopes', 'read,transfer')
  assert.equal(made.code, 0, made.said)
  const { key, secret, scopes, ips } = made.json as unknown as Shown
  assert.deepEqual([scopes, ips], [['read', 'transfer'], []])
  const use = (with_: string) => speaking(bank.world, { apiKey: key, secret: with_ }).get('/user/account')
  done(await use(secret))

  // programs take long to start: what does not wait for each other is run side by side
  const [listed, rotated, demo] = await Promise.all([
    runCli(['api-key', 'list', uid], env),
    run('rotate', uid, key, '--overlap', '0'),
    run('demo', uid),
  ])
  assert.match(listed.out, new RegExp(`${key} +bot +read,transfer +anywhere +until `))
  assert.ok(!listed.out.includes(secret), 'a secret is shown once')
  const fresh = rotated.json as unknown as Shown
  assert.deepEqual(refused(await use(secret)), [401, '100005'])
  done(await use(fresh.secret))
  const tried = demo.json as unknown as Shown
  assert.deepEqual(tried.scopes, ['read', 'transfer', 'withdraw'])
  done(await speaking(bank.world, { apiKey: tried.key, secret: tried.secret }).get('/user/info'))

  const [next, revoked, nobody, wrong] = await Promise.all([
    run('demo', uid),
    run('revoke', uid, key),
    run('list', 'U99999'),
    run('create', uid, '--name', 'x', '--ips', '300.1.1.1'),
  ])
  assert.deepEqual([next.code, revoked.code, nobody.code, wrong.code], [0, 0, 2, 1], next.said)
  assert.deepEqual(refused(await use(fresh.secret)), [401, '100004'])
  const before = speaking(bank.world, { apiKey: tried.key, secret: tried.secret })
  assert.deepEqual(refused(await before.get('/user/info')), [401, '100004'])
})
