// The ceremony of the keys as a person holds it: the real program, its questions answered through a pipe.

import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { sleep } from '../src/base/clock.ts'
import { deriveKeys } from '../src/domain/keys.ts'

const root = path.join(import.meta.dirname, '..')
let dir: string
before(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-ceremony-'))
})
after(() => fs.rmSync(dir, { recursive: true, force: true }))

interface Ran {
  code: number | null
  out: string
  said: string
}

/** Each question is answered by the next answer; one that is a function sees what was said until the words were shown. */
async function run(args: string[], answers: (string | ((said: string) => string))[], env = {}): Promise<Ran> {
  const child = spawn(process.execPath, ['src/main/cli.ts', 'keystore', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, DATA_DIR: dir, ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  let out = ''
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text
  })
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve))
  for (const answer of answers) {
    if (typeof answer !== 'string') while (!said.includes('Press Enter') && child.exitCode === null) await sleep(20)
    child.stdin.write(`${typeof answer === 'string' ? answer : answer(said)}\n`)
  }
  child.stdin.end()
  return { code: await ended, out, said }
}

const first = 'a first passphrase'
const second = 'a second passphrase'
const wordsIn = (said: string) =>
  [...said.slice(said.indexOf('the money')).matchAll(/(\d+) ([a-z]+)(?= |\n)/g)]
    .map(([, no, word]) => [Number(no), word] as const)
    .filter(([no]) => no >= 1 && no <= 24)
    .sort(([a], [b]) => a - b)
    .map(([, word]) => word)
    .join(' ')

let words = ''
let fingerprint = ''

test('make: words once, typed back, then stored; never shown again and never overwritten', async () => {
  const short = await run(['make', '--piped'], ['short'])
  assert.equal(short.code, 2)
  assert.match(short.said, /12 characters/)
  assert.equal((await run(['make', '--piped'], [first, second])).code, 2)
  const shown = await run(['make'], [first, first])
  assert.equal(shown.code, 2)
  assert.match(shown.said, /on a terminal alone/)
  const careless = await run(['make', '--piped'], [first, first, '', 'abandon', 'abandon', 'abandon'])
  assert.equal(careless.code, 2)
  assert.match(careless.said, /nothing was stored/)
  assert.equal(fs.existsSync(path.join(dir, 'keystore')), false)

  const made = await run(
    ['make', '--piped', '--json'],
    [
      first,
      first,
      (said) => {
        words = wordsIn(said)
        return ''
      },
      () => words,
    ],
  )
  assert.equal(made.code, 0, made.said)
  assert.equal(words.split(' ').length, 24)
  const answer = JSON.parse(made.out) as { fingerprint: string; public_keys: Record<string, string> }
  fingerprint = answer.fingerprint
  assert.deepEqual(Object.keys(answer.public_keys).sort(), [
    'DEPOSIT_XPUB_EVM',
    'DEPOSIT_XPUB_TRON',
    'HOT_XPUB_EVM',
    'HOT_XPUB_TRON',
  ])
  for (const key of Object.values(answer.public_keys)) assert.match(key, /^xpub/)
  assert.equal(fs.statSync(path.join(dir, 'keystore/seed.json')).mode & 0o777, 0o600)
  assert.match((await run(['make', '--piped'], [first, first])).said, /never overwritten/)
})

test('show: public keys and hot wallets, with the passphrase of the environment or asked for', async () => {
  const set = await run(['show', '--json'], [], { KEYSTORE_PASSPHRASE: first })
  assert.equal(set.code, 0, set.said)
  const { hot, fingerprint: shown } = JSON.parse(set.out) as { hot: Record<string, string>; fingerprint: string }
  assert.equal(shown, fingerprint)
  assert.match(hot.evm ?? '', /^0x[0-9a-f]{40}$/)
  assert.match(hot.tron ?? '', /^T.{33}$/)
  const wrong = await run(['show'], ['not the passphrase'])
  assert.equal(wrong.code, 2)
  assert.match(wrong.said, /does not open/)
  assert.equal((await run(['show', '--dir', path.join(dir, 'nowhere')], [])).code, 3)
})

test('verify: the backup on paper makes the same keys, or it does not', async () => {
  const good = await run(['verify'], [first, words])
  assert.equal(good.code, 0, good.said)
  assert.match(good.out, new RegExp(fingerprint))
  const other = await run(['verify', '--json'], [first, `${'abandon '.repeat(23)}art`])
  assert.equal(other.code, 1)
  assert.deepEqual((JSON.parse(other.out) as { same: boolean }).same, false)
  const typo = await run(['verify'], [first, words.replace(/^\S+/, 'xyzzy')])
  assert.equal(typo.code, 2)
  assert.match(typo.said, /word 1 is not in the list/)
  for (const { out, said } of [good, other, typo]) assert.ok(!`${out}${said}`.includes(words), 'nothing is echoed')
})

test('restore: on another machine, the same keystore under another passphrase', async () => {
  const elsewhere = path.join(dir, 'elsewhere')
  const wrong = ['restore', '--dir', elsewhere, '--fingerprint', `${'0000-'.repeat(7)}0000`]
  assert.equal((await run(wrong, [words, second, second])).code, 1)
  assert.equal(fs.existsSync(elsewhere), false)
  const right = ['restore', '--dir', elsewhere, '--fingerprint', fingerprint]
  const restored = await run(right, [words, second, second])
  assert.equal(restored.code, 0, restored.said)
  const { out } = await run(['show', '--dir', elsewhere, '--json'], [second])
  assert.equal((JSON.parse(out) as { fingerprint: string }).fingerprint, fingerprint)
})

test('passphrase: changed, and the old one opens nothing', async () => {
  const changed = await run(['passphrase'], [first, second, second])
  assert.equal(changed.code, 0, changed.said)
  assert.equal((await run(['show'], [first])).code, 2)
  assert.ok(fs.existsSync(path.join(dir, 'keystore/seed.former.json')))
  assert.equal((await run(['show'], [second])).code, 0)
  assert.ok(!fs.existsSync(path.join(dir, 'keystore/seed.former.json')))
})

test('approval-key: what the launcher would give the signer, of the master key that is set', async () => {
  const MASTER_KEY = '11'.repeat(32)
  const { code, out } = await run(['approval-key'], [], { MASTER_KEY })
  assert.equal(code, 0)
  assert.equal(out.trim(), deriveKeys(Buffer.from(MASTER_KEY, 'hex')).withdrawalApproval.toString('hex'))
  assert.equal((await run(['approval-key'], [])).code, 2)
})
