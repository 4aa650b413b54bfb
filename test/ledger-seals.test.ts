// Seals: nothing is skipped or sealed twice however busy the ledger is, SQL and TypeScript agree on every hash, and
// anchors are there when they count.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { newId } from '../src/base/ids.ts'
import { anchorFile } from '../src/ledger/anchor-file.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { deposit } from '../src/ledger/journals.ts'
import { post } from '../src/ledger/post.ts'
import { createPoster } from '../src/ledger/poster.ts'
import { type Anchor, sealBook } from '../src/ledger/seal.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { draws, fund, pay, processes, workers } from './harness/ledger.ts'
import { ALICE, BOB, freshFolder, freshPlace, seal } from './harness/sealed-books.ts'

/** How many journals there are, how many are under seal, and how many of those are different ones. */
async function tally(base: TestDatabase) {
  const [row] = await base.owner.query<{ journals: number; sealed: number; once: number }>(
    '',
    `select (select count(*)::int from journals) as journals, count(id)::int as sealed, count(distinct id)::int as once
     from seals, unnest(journal_ids) id`,
  )
  return row ?? assert.fail()
}

// --- sealing ---------------------------------------------------------------------------------------------------------

test('every journal is sealed once while 16 workers post, two sealers seal and slow transactions commit late', async (t) => {
  const { below } = draws((line) => t.diagnostic(line))
  const base = await createTestDatabase()
  const place = freshPlace()
  const banks = processes(base, 2, { max: 14 })
  const bank = (i: number) => banks[i % 2] ?? assert.fail()
  const people = Array.from({ length: 30 }, (_, i) => ALICE + BigInt(i))
  for (const no of people) await fund(bank(0).poster, no, 1_000_000n)
  const someone = () => people[below(people.length)] ?? ALICE

  const until = performance.now() + 4_000
  let posting = true
  const runs = { done: 0, waiting: 0 }
  const sealers = workers(2, async (sealer) => {
    while (posting) {
      const run = await sealBook(bank(sealer).db, 1, place, { chunk: 700, patience: 300 })
      runs.done++
      if (run.waiting) runs.waiting++
    }
  })
  const slow = workers(2, async (i) => {
    while (performance.now() < until) {
      await bank(i).db.transaction(async (tx) => {
        await post(tx, lonely(i))
        await new Promise((resolve) => setTimeout(resolve, below(700)))
      })
    }
  })
  await workers(16, async (worker) => {
    while (performance.now() < until) {
      const [from, to] = [someone(), someone()]
      if (from !== to) await bank(worker).poster.submit(pay(from, to, 1n))
    }
  })
  await slow
  posting = false
  await sealers
  const last = await seal(base, place)
  assert.equal(last.waiting, false)
  const { journals, sealed, once } = await tally(base)
  t.diagnostic(JSON.stringify({ journals, ...runs }))
  assert.ok(journals > 2_000 && runs.done > 4)
  assert.deepEqual([sealed, once], [journals, journals])
  const report = await verifyLedger(base.db, { bookId: 1, anchors: await place.all(1) })
  assert.deepEqual(report.faults, [])
  assert.equal(report.sealed, journals)
  await banks.close()
  await base.drop()
})

/** A deposit to somebody whom nobody else pays, so that only the sealer waits for it. */
const lonely = (i: number) => {
  const id = newId()
  return {
    bookId: 1,
    journal: deposit({ id, key: id, networkNo: 10 + i, personNo: 20_001n + BigInt(i), amount: 1n }),
  }
}

test('what began before a period closed is waited for, and what begins after it is recorded later', async () => {
  const base = await createTestDatabase()
  const place = freshPlace()
  await base.db.transaction(async (tx) => {
    await post(tx, lonely(0))
    assert.deepEqual(await sealBook(base.db, 1, place, { patience: 100 }), {
      sealed: 0,
      waiting: true,
      head: undefined,
    })
    await fund(createPoster(base.db), ALICE, 1n)
  })
  assert.equal((await seal(base, place)).sealed, 2)

  // a clock that went back cannot put a journal into a period that is closed
  await base.owner.query('', `update books set closed_to = now() + interval '30 seconds'`)
  await fund(createPoster(base.db), ALICE, 1n)
  const [row] = await base.db.query<{ later: boolean }>(
    '',
    'select max(j.recorded_at) > max(b.closed_to) as later from journals j, books b',
  )
  assert.equal(row?.later, true)
  await assert.rejects(
    base.db.query('', `select ledger_seal(1, now() + interval '1 hour', 10)`),
    /is not closed/,
    'a period that is still open cannot be sealed',
  )
  await base.drop()
})

test('a head that could not be anchored is anchored by the next run', async () => {
  const base = await createTestDatabase()
  const place = freshPlace()
  await fund(createPoster(base.db), ALICE, 1n)
  const full = { ...place, append: () => Promise.reject(new Error('the disk is full')) }
  await assert.rejects(seal(base, full), /disk is full/)
  assert.equal(await place.last(1), undefined)
  const run = await seal(base, place)
  assert.equal(run.sealed, 0)
  assert.equal((await place.last(1))?.no, 1n)
  assert.deepEqual((await verifyLedger(base.db, { bookId: 1, anchors: await place.all(1) })).faults, [])
  await base.drop()
})

// --- the form of the hash --------------------------------------------------------------------------------------------

test('SQL and TypeScript agree on 10,000 journals with the nastiest memos', async (t) => {
  const { below } = draws((line) => t.diagnostic(line))
  const base = await createTestDatabase()
  const place = freshPlace()
  const poster = createPoster(base.db)
  await fund(poster, ALICE, 1_000_000n)
  const pieces = [
    '\\',
    '\\\\n',
    "'",
    '"',
    "''",
    '|',
    ',',
    ';',
    ':',
    '\n',
    '\r\n',
    '\t',
    ' ',
    '%s',
    '$1',
    '{}',
    '{1,2}',
    'NULL',
    '\u0001',
    'é',
    'e\u0301',
    'ﬁ',
    'Å',
    'A\u030a',
    '😀',
    '👨‍👩‍👧‍👦',
    '🇨🇳',
    '\ud800',
    'مرحبا',
    'שלום',
    '\u202e',
    '\u200b',
    '\ufeff',
    '汉字',
    '１２',
    'ß',
    'İ',
    'x'.repeat(10_240),
  ] as const
  const memo = (i: number) => {
    if (i < pieces.length) return pieces[i] ?? ''
    return Array.from({ length: 1 + below(6) }, () => pieces[below(pieces.length - (i % 50 === 0 ? 0 : 1))]).join('')
  }
  const memos = Array.from({ length: 10_000 }, (_, i) => memo(i))
  for (let i = 0; i < memos.length; i += 500) {
    const batch = memos.slice(i, i + 500).map((text) => {
      const posting = pay(ALICE, BOB, 1n)
      if (posting.journal) posting.journal.memo = text
      return poster.submit(posting)
    })
    assert.ok((await Promise.all(batch)).every((outcome) => outcome.ok))
  }
  await seal(base, place, 3_000)
  const report = await verifyLedger(base.db, { bookId: 1, anchors: await place.all(1) })
  assert.deepEqual(report.faults, [])
  assert.equal(report.sealed, 10_001)
  // equal memos but for one byte or one normal form do not share a digest
  const [row] = await base.owner.query<{ n: number }>(
    '',
    'select count(distinct substring(digests from i * 32 + 1 for 32))::int as n from seals, generate_series(0, cardinality(journal_ids) - 1) i',
  )
  assert.equal(row?.n, 10_001)
  await base.drop()
})

// --- the anchor file -------------------------------------------------------------------------------------------------

const anchor = (no: bigint, at = new Date(Number(no) * 10_000)): Anchor => ({
  bookId: 1,
  no,
  hash: no.toString(16).padStart(64, '0'),
  at,
})

test('an anchor file gives back what was appended, by whichever process', async () => {
  const data = freshFolder()
  assert.deepEqual([await anchorFile(data).last(1), await anchorFile(data).all(1)], [undefined, []])
  const places = [anchorFile(data), anchorFile(data)]
  await Promise.all(Array.from({ length: 200 }, (_, i) => places[i % 2]?.append(anchor(BigInt(i + 1)))))
  const all = await anchorFile(data).all(1)
  assert.deepEqual(new Set(all.map(({ no }) => no)), new Set(Array.from({ length: 200 }, (_, i) => BigInt(i + 1))))
  assert.deepEqual(await anchorFile(data).last(1), anchor(200n))
  assert.deepEqual(await anchorFile(data).last(2), undefined)
  const [line] = fs.readFileSync(path.join(data, 'anchors/book-1.jsonl'), 'utf8').split('\n')
  assert.deepEqual(Object.keys(JSON.parse(line ?? '')), ['book_id', 'no', 'hash', 'at'])
})

test('a line torn by a crash hides no other', async () => {
  const data = freshFolder()
  const place = anchorFile(data)
  await place.append(anchor(1n))
  fs.appendFileSync(path.join(data, 'anchors/book-1.jsonl'), '{"book_id":1,"no":2,"ha')
  assert.deepEqual(await place.last(1), anchor(1n))
  await place.append(anchor(2n))
  assert.deepEqual(await place.all(1), [anchor(1n), anchor(2n)])
})

test('of anchors of long ago one an hour is read, of the last all', async () => {
  const data = freshFolder()
  fs.mkdirSync(path.join(data, 'anchors'))
  const lines = Array.from({ length: 20_000 }, (_, i) => anchor(BigInt(i + 1)))
  const text = lines.map((a) => `{"book_id":1,"no":${a.no},"hash":"${a.hash}","at":"${a.at.toISOString()}"}\n`).join('')
  fs.writeFileSync(path.join(data, 'anchors/book-1.jsonl'), text)
  const all = await anchorFile(data).all(1)
  assert.ok(all.length >= 1_000 && all.length < 2_100, `${all.length}`)
  assert.deepEqual(all.slice(-1_000), lines.slice(-1_000))
  const hours = new Set(lines.map((a) => a.at.toISOString().slice(0, 13)))
  assert.equal(new Set(all.map((a) => a.at.toISOString().slice(0, 13))).size, hours.size)
  assert.deepEqual(await anchorFile(data).last(1), lines.at(-1))
})
