// The README's tour, pasted into bash against a bank that was just started by the real launcher.
// What the README promises is what is seen: events, one payment for two requests, balance, statement.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { type Launcher, launchUp } from './harness/launcher.ts'

let launcher: Launcher
before(async () => {
  launcher = await launchUp()
})
after(async () => {
  await launcher.interrupt()
  fs.rmSync(launcher.dataDir, { recursive: true, force: true })
})

/** The block of commands that signs somebody up. */
function tour(): string {
  const readme = fs.readFileSync(path.join(import.meta.dirname, '../README.md'), 'utf8')
  const blocks = [...readme.matchAll(/^```bash\n([\s\S]*?)^```$/gm)].map(([, text = '']) => text)
  const found = blocks.find((text) => text.includes('sign_up'))
  assert.ok(found, 'the README has a tour')
  return found
}

test('the tour works as it is pasted', () => {
  const here = tour().replace('http://127.0.0.1:4000', launcher.base)
  assert.notEqual(here, tour())
  // a moment for the last event; then the stream in the background has been seen enough
  const input = `${here}\nsleep 1\nkill $!\n`
  const { stdout, stderr, error } = spawnSync('bash', { input, encoding: 'utf8', timeout: 60_000 })
  assert.equal(error, undefined, stderr)

  const events = new Set([...stdout.matchAll(/^event: (\S+)$/gm)].map(([, type = '']) => type))
  for (const type of ['ready', 'deposit.detected', 'deposit.confirming', 'deposit.credited', 'transfer.completed']) {
    assert.ok(events.has(type), `no ${type} in:\n${stdout}\n${stderr}`)
  }
  const answers = stdout
    .split('\n')
    .filter((line) => line.startsWith('{"code"'))
    .map((line) => JSON.parse(line) as { code: number; data?: Record<string, unknown> })
  assert.deepEqual(
    answers.map((answer) => answer.code),
    [0, 0, 0, 0, 0],
    stdout,
  )
  const [, payment, repeat, balance, statement] = answers
  assert.deepEqual(repeat, payment)
  assert.equal(balance?.data?.total, '70.00')
  const lines = (statement?.data?.items ?? []) as { amount: string; memo: string }[]
  assert.deepEqual(
    lines.map(({ amount, memo }) => `${amount} ${memo}`),
    ['30.00 lunch', '100.00 USDT deposit'],
  )
})
