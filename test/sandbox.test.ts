// The sandbox's servers as the bank and its customers meet them: real SMTP, Twilio's wire, real chains over JSON-RPC, and
// the controls; and that killing any of it loses nothing.

import assert from 'node:assert/strict'
import { type ChildProcess, execFile, fork } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { promisify } from 'node:util'
import { createPublicClient, createWalletClient, type Hex, http, parseEther } from 'viem'
import { mnemonicToAccount } from 'viem/accounts'
import { chainUnits } from '../sandbox/chain.ts'
import { readContract } from '../sandbox/compiled-contract.ts'
import { systemClock } from '../src/base/clock.ts'
import { smtpMail } from '../src/providers/smtp.ts'
import { sumsubCheck } from '../src/providers/sumsub.ts'
import { SmsRefused, twilioSms } from '../src/providers/twilio.ts'
import { eventually, processesOf, temporaryFolder } from './harness/launcher.ts'

interface Sandbox {
  env: Record<string, string>
  process: ChildProcess
}

const dir = temporaryFolder()
let sandbox: Sandbox

/** Without PostgreSQL, which has tests of its own. */
function startSandbox(): Promise<Sandbox> {
  const settings = {
    DATA_DIR: dir,
    MASTER_KEY: 'ab'.repeat(32),
    DATABASE_URL: 'postgres://elsewhere/bank',
    LOG_LEVEL: 'error',
  }
  const child = fork(path.join(import.meta.dirname, '../sandbox/main.ts'), {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...settings },
    detached: true,
  })
  return new Promise((resolve, reject) => {
    child.on('message', (message: { ready?: true; env?: Record<string, string> }) => {
      if (message.ready) resolve({ env: message.env ?? {}, process: child })
    })
    child.once('exit', (code) => reject(new Error(`the sandbox ended with ${code}`)))
  })
}
const gone = (child: ChildProcess) => new Promise<number | null>((resolve) => child.once('exit', resolve))
const at = (name: string) => sandbox.env[name] ?? assert.fail(`no ${name}`)

before(async () => {
  sandbox = await startSandbox()
})
after(async () => {
  const ended = gone(sandbox.process)
  sandbox.process.disconnect()
  assert.equal(await ended, 0)
  assert.deepEqual(processesOf(dir), [])
  fs.rmSync(dir, { recursive: true, force: true })
})

interface Answer {
  status: number
  body: Record<string, unknown>
}
async function control(method: 'GET' | 'POST', url: string, body?: object | string): Promise<Answer> {
  const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body)
  const response = await fetch(at('SANDBOX_URL') + url, { method, ...(text === undefined ? {} : { body: text }) })
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}
async function must(url: string, body: object): Promise<Record<string, unknown>> {
  const answer = await control('POST', url, body)
  assert.equal(answer.status, 200, JSON.stringify(answer.body))
  return answer.body
}
type Sent = { to: string; channel: string; subject: string; text: string; code: string | null; at: string }
const outbox = async (to: string) => (await control('GET', `/sandbox/outbox?to=${to}`)).body as unknown as Sent[]

const node = (network: string) => createPublicClient({ transport: http(at(`RPC_${network}`), { retryCount: 5 }) })
type Parameters = { chainId: number; contract: Hex }
const parameters = (network: string) =>
  (JSON.parse(at('NETWORKS')) as Record<string, Parameters>)[network] ?? assert.fail(network)
const token = (network: string) => ({
  address: parameters(network).contract,
  ...readContract(network === 'ETH' ? 'EthUsdt' : 'BscUsdt'),
})
const balanceOf = (network: string, who: string) =>
  node(network).readContract({ ...token(network), functionName: 'balanceOf', args: [who] }) as Promise<bigint>

let accounts = 0
/** An address nobody has used. */
const someone = (): Hex => `0x${(0x1000 + accounts++).toString(16).padStart(40, '0')}`

describe('messages', () => {
  test('a mail arrives in the outbox, newest first, with its code', async () => {
    const mail = smtpMail(at('SMTP_URL'), 'UniPay <no-reply@unipay.example>')
    await mail.send({ to: 'Ann@Example.com', subject: 'Welcome in 2026', text: 'Hello Ann.' })
    await mail.send({
      to: 'ann@example.com',
      subject: '您的验证码',
      text: '您在 2026 年的验证码:482913,5 分钟内有效。',
    })
    const [newest, oldest, ...rest] = await outbox('ann@example.com')
    assert.equal(rest.length, 0)
    assert.equal(newest?.code, '482913')
    assert.equal(newest?.subject, '您的验证码')
    assert.equal(newest?.channel, 'email')
    assert.match(newest?.text ?? '', /验证码:482913/)
    assert.equal(oldest?.subject, 'Welcome in 2026')
    assert.ok(Math.abs(Date.parse(newest?.at ?? '') - Date.now()) < 60_000)
    assert.deepEqual(await outbox('nobody@example.com'), [])
  })

  test('an SMS goes in by Twilio’s wire and is found by its number, however that is written', async () => {
    const options = { url: at('SMS_URL'), account: 'ACsandbox', token: 'sandbox', from: '+15005550006' }
    await twilioSms(options).send({ to: '+8613800138000', text: 'UniPay code 7310, valid for 5 minutes' })
    for (const written of ['+8613800138000', '%2B8613800138000', '8613800138000', '%2B86%20138-0013-8000']) {
      assert.equal((await outbox(written))[0]?.code, '7310', written)
    }
    const refused = (gatewayCode: number) => (error: unknown) =>
      error instanceof SmsRefused && error.gatewayCode === gatewayCode
    await assert.rejects(
      twilioSms({ ...options, token: 'wrong' }).send({ to: '+8613800138000', text: 'x' }),
      refused(20003),
    )
    await assert.rejects(
      twilioSms({ ...options, account: 'ACother' }).send({ to: '+8613800138000', text: 'x' }),
      refused(20003),
    )
    await assert.rejects(twilioSms(options).send({ to: '13800138000', text: 'x' }), refused(21211))
    await assert.rejects(twilioSms(options).send({ to: '+8613800138000', text: '' }), refused(21602))
  })
})

describe('vendors', () => {
  test('an identity check is answered by a button, a wrong press is explained', async () => {
    const check = sumsubCheck({
      url: at('SUMSUB_URL'),
      appToken: 'sandbox-app-token',
      secretKey: 'sandbox-sumsub-secret',
      clock: systemClock,
    })
    const made = await check.link({ userId: 'person-1', level: 'basic-kyc-level', seconds: 600, language: 'en' })
    assert.equal((await fetch(made.url)).status, 200)
    assert.equal((await must('/sandbox/identity', { answer: 'approve' })).user, 'person-1')
    assert.equal((await check.status('person-1'))?.status, 'approved')
    const nobody = await control('POST', '/sandbox/identity', { user: 'nobody', answer: 'approve' })
    assert.deepEqual([nobody.status, nobody.body.error], [404, 'Applicant not found'])
    const nothing = await control('POST', '/sandbox/payout', { action: 'complete' })
    assert.deepEqual([nothing.status, nothing.body.error], [404, 'there is no payout yet'])
    assert.equal((await fetch(`${at('UQPAY_URL')}/v1/issuing/products`)).status, 401)
    assert.equal(new URL(at('UQPAY_FRAME_URL')).host, new URL(at('UQPAY_URL')).host)
  })
})

describe('chains', () => {
  test('USDT is as on the real chains: decimals and return values', async () => {
    for (const [network, decimals, returned] of [
      ['ETH', 6, '0x'],
      ['BSC', 18, `0x${'1'.padStart(64, '0')}`],
    ] as const) {
      const { contract, chainId } = parameters(network)
      assert.equal(await node(network).getChainId(), chainId)
      assert.equal(await node(network).readContract({ ...token(network), functionName: 'decimals' }), decimals)
      assert.equal(await node(network).readContract({ ...token(network), functionName: 'symbol' }), 'USDT')
      const call = {
        to: contract,
        data: `0xa9059cbb${someone().slice(2).padStart(64, '0')}${'0'.padStart(64, '0')}`,
      } as const
      assert.equal((await node(network).call(call)).data ?? '0x', returned)
    }
  })

  test('the faucet pays to the last decimal, also many at once', async () => {
    const [ann, ben] = [someone(), someone()]
    const paid = await must('/sandbox/faucet', { network: 'BSC', address: ann, amount: '1.000000000000000019' })
    const receipt = await node('BSC').getTransactionReceipt({ hash: paid.tx_hash as Hex })
    assert.equal(receipt.status, 'success')
    assert.equal(Number(receipt.blockNumber), paid.block_number)
    assert.equal(await balanceOf('BSC', ann), 1_000_000_000_000_000_019n)

    const amounts = Array.from({ length: 30 }, () => ({ network: 'ETH', address: ben, amount: '2.5' }))
    const hashes = await Promise.all(amounts.map(async (one) => (await must('/sandbox/faucet', one)).tx_hash))
    assert.equal(new Set(hashes).size, 30)
    assert.equal(await balanceOf('ETH', ben), 75_000_000n)

    await must('/sandbox/faucet', { network: 'ETH', address: ben, amount: '0.5', asset: 'gas' })
    assert.equal(await node('ETH').getBalance({ address: ben }), parseEther('0.5'))
  })

  test('what cannot be is refused with a 4xx that says why', async () => {
    const address = someone()
    const faucet = { network: 'ETH', address, amount: '1' }
    const wrong: [string, object | string, RegExp][] = [
      ['faucet', { ...faucet, network: 'DOGE' }, /network must be one of .*ETH, BSC/],
      ['faucet', { ...faucet, network: undefined }, /network/],
      ['faucet', { ...faucet, address: '0x1234' }, /address/],
      ['faucet', { ...faucet, address: '0xf39fd6e51aad88F6F4ce6aB8827279cffFb92266' }, /checksum/],
      ['faucet', { ...faucet, address: 7 }, /address/],
      ...['0', '-1', '1e3', '1.0000001', 'x', '', ' 1', '１', '99999999999'].map(
        (amount) => ['faucet', { ...faucet, amount }, /amount/] as [string, object, RegExp],
      ),
      ['faucet', { ...faucet, amount: 1 }, /amount/],
      ['faucet', { ...faucet, asset: 'BTC' }, /asset/],
      ['faucet', { ...faucet, asset: 'gas', amount: '101' }, /at most 100/],
      ['faucet', { ...faucet, memo: 'x' }, /unknown: memo/],
      ['faucet', '{', /JSON/],
      ['faucet', '[]', /object/],
      ['mine', { network: 'ETH', blocks: 0 }, /blocks/],
      ['mine', { network: 'ETH', blocks: 10_001 }, /1 to 10000/],
      ['mine', { network: 'ETH', blocks: 1.5 }, /blocks/],
      ['reorg', { network: 'ETH', depth: 0 }, /depth/],
      ['reorg', { network: 'ETH', depth: 201 }, /1 to 200/],
      ['reorg', { network: 'ETH', depth: 1, transactions: 'lose' }, /keep/],
      ['nonsense', {}, /no such control/],
    ]
    for (const [name, body, reason] of wrong) {
      const answer = await control('POST', `/sandbox/${name}`, body)
      assert.ok(answer.status >= 400 && answer.status < 500, `${name} ${JSON.stringify(body)}: ${answer.status}`)
      assert.match(String(answer.body.error), reason)
    }
    assert.equal((await control('GET', '/sandbox/mine')).status, 405)
    assert.equal((await control('POST', '/sandbox/faucet', `"${'x'.repeat(70_000)}"`)).status, 413)
    assert.equal(await balanceOf('ETH', address), 0n)
    assert.throws(() => chainUnits('1'.repeat(10), 6), /amount/)
  })

  test('blocks are mined on demand, and by themselves while a payment is young', async () => {
    const before = Number(await node('ETH').getBlockNumber({ cacheTime: 0 }))
    const mined = await must('/sandbox/mine', { network: 'ETH', blocks: 120 })
    assert.ok(Number(mined.head) >= before + 120)
    const { block_number } = await must('/sandbox/faucet', { network: 'ETH', address: someone(), amount: '1' })
    await eventually(
      'three more blocks',
      async () => Number(await node('ETH').getBlockNumber({ cacheTime: 0 })) >= Number(block_number) + 3,
    )
    const newest = await node('ETH').getBlock()
    const previous = await node('ETH').getBlock({ blockHash: newest.parentHash })
    assert.ok(newest.timestamp > previous.timestamp)
  })

  test('a customer’s own wallet sends by RPC', async () => {
    const account = mnemonicToAccount('test test test test test test test test test test test junk', {
      addressIndex: 5,
    })
    await must('/sandbox/faucet', { network: 'ETH', address: account.address, amount: '10' })
    const wallet = createWalletClient({ account, transport: http(at('RPC_ETH')) })
    const to = someone()
    const hash = await wallet.writeContract({
      ...token('ETH'),
      chain: null,
      functionName: 'transfer',
      args: [to, 4_000_000n],
    })
    await eventually(
      'it is mined',
      async () => (await node('ETH').getTransactionReceipt({ hash })).status === 'success',
    )
    assert.equal(await balanceOf('ETH', to), 4_000_000n)
  })

  test('a reorganisation replaces blocks and keeps or drops what was in them', async () => {
    await must('/sandbox/mine', { network: 'BSC', blocks: 210 })
    for (const [transactions, depth, left] of [
      ['keep', 3, 5n],
      ['drop', 2, 0n],
      ['keep', 200, 5n],
    ] as const) {
      const to = someone()
      const { tx_hash, block_number } = await must('/sandbox/faucet', { network: 'BSC', address: to, amount: '5' })
      const block = { blockNumber: BigInt(Number(block_number)) }
      const old = await node('BSC').getBlock(block)
      const done = await must('/sandbox/reorg', { network: 'BSC', depth, transactions })
      assert.ok(Number(done.from) <= Number(block_number))
      assert.ok(Number(done.head) > Number(block_number), 'the new branch is longer')
      assert.notEqual((await node('BSC').getBlock(block)).hash, old.hash)
      assert.equal(await balanceOf('BSC', to), left * 10n ** 18n)
      const receipt = await node('BSC')
        .getTransactionReceipt({ hash: tx_hash as Hex })
        .catch(() => undefined)
      assert.equal(receipt?.blockHash === old.hash, false)
      assert.equal(receipt !== undefined, transactions === 'keep')
    }
  })
})

test('the compiled contracts are those of the sources', async () => {
  const script = path.join(import.meta.dirname, '../scripts/compile-contracts.ts')
  await promisify(execFile)(process.execPath, [script, '--check'])
})

describe('kill -9', () => {
  /** All that a watcher remembers of a chain. */
  async function history(network: string, blocks: number): Promise<string[]> {
    const head = Number(await node(network).getBlockNumber({ cacheTime: 0 }))
    const numbers = Array.from({ length: head + 1 }, (_, n) => BigInt(n)).slice(-blocks)
    return Promise.all(
      numbers.map(async (blockNumber) => {
        const { hash, timestamp, transactions } = await node(network).getBlock({ blockNumber })
        return `${blockNumber} ${hash} ${timestamp} ${transactions.join()}`
      }),
    )
  }

  test('a node comes back with the same blocks, receipts and logs', async () => {
    const to = someone()
    const { tx_hash } = await must('/sandbox/faucet', { network: 'BSC', address: to, amount: '3' })
    const receipt = await node('BSC').getTransactionReceipt({ hash: tx_hash as Hex })
    const known = await history('BSC', 300)
    process.kill(Number(fs.readFileSync(path.join(dir, 'sandbox/bsc/anvil.pid'), 'utf8')), 'SIGKILL')
    await eventually(
      'the chain is back',
      async () => (await node('BSC').getBlockNumber({ cacheTime: 0 })) >= known.length,
    )
    const now = new Set(await history('BSC', 400))
    assert.deepEqual(
      known.filter((block) => !now.has(block)),
      [],
    )
    assert.deepEqual(await node('BSC').getTransactionReceipt({ hash: tx_hash as Hex }), receipt)
    assert.equal(await balanceOf('BSC', to), 3n * 10n ** 18n)
  })

  test('a chain that somebody rolls back too far by RPC comes back as it was', async () => {
    const to = someone()
    await must('/sandbox/faucet', { network: 'BSC', address: to, amount: '4' })
    await must('/sandbox/mine', { network: 'BSC', blocks: 120 })
    const head = await node('BSC').getBlockNumber({ cacheTime: 0 })
    await node('BSC').request({ method: 'anvil_rollback' as never, params: [290] as never })
    await eventually(
      'the chain is as high again',
      async () => (await node('BSC').getBlockNumber({ cacheTime: 0 })) >= head,
    )
    assert.equal(await balanceOf('BSC', to), 4n * 10n ** 18n)
  })

  test('the whole sandbox comes back on the same ports, with messages, chains and what waited to be mined', async () => {
    const to = someone()
    await must('/sandbox/faucet', { network: 'ETH', address: to, amount: '7' })
    const known = await history('ETH', 300)
    const before = sandbox.env
    const ended = gone(sandbox.process)
    sandbox.process.kill('SIGKILL')
    await ended
    sandbox = await startSandbox()
    assert.deepEqual(sandbox.env, before)
    assert.equal(await balanceOf('ETH', to), 7_000_000n)
    const now = new Set(await history('ETH', 400))
    assert.deepEqual(
      known.filter((block) => !now.has(block)),
      [],
    )
    assert.equal((await outbox('ann@example.com')).length, 2)
    // after many blocks the chain starts from a saved state, and can still be reorganised
    await must('/sandbox/mine', { network: 'ETH', blocks: 1_100 })
    const end = gone(sandbox.process)
    sandbox.process.kill('SIGKILL')
    await end
    const began = performance.now()
    sandbox = await startSandbox()
    assert.ok(performance.now() - began < 10_000)
    assert.ok(fs.readdirSync(path.join(dir, 'sandbox/eth')).some((name) => name.startsWith('state-')))
    assert.equal(await balanceOf('ETH', to), 7_000_000n)
    await must('/sandbox/reorg', { network: 'ETH', depth: 200 })
    await must('/sandbox/faucet', { network: 'ETH', address: to, amount: '1' })
    assert.equal(await balanceOf('ETH', to), 8_000_000n)
  })
})
