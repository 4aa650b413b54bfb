// Books with seals on them and anchors in a folder of their own, for tests that look for what was changed afterwards.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { anchorFile } from '../../src/ledger/anchor-file.ts'
import { createPoster } from '../../src/ledger/poster.ts'
import { type AnchorPlace, sealBook } from '../../src/ledger/seal.ts'
import { createTestDatabase, type TestDatabase } from './database.ts'
import { fund, pay } from './ledger.ts'

export const ALICE = 10_001n
export const BOB = 10_002n

/** A data folder that is gone when the process ends. */
export function freshFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-anchors-'))
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}
export const freshPlace = () => anchorFile(freshFolder())

/** Other tests share the server, and a sealer waits for their transactions as well. */
export const seal = (base: TestDatabase, place: AnchorPlace, chunk = 50_000) =>
  sealBook(base.db, 1, place, { chunk, patience: 60_000 })

export interface Sealed {
  base: TestDatabase
  place: AnchorPlace
  /** Journals in order of time; ten to a seal. */
  ids: string[]
}

export async function sealedBooks(): Promise<Sealed> {
  const base = await createTestDatabase()
  const place = freshPlace()
  const poster = createPoster(base.db)
  await fund(poster, ALICE, 1_000n)
  for (let i = 1; i < 60; i++) assert.ok((await poster.submit(pay(ALICE, BOB, BigInt(i % 7) + 1n))).ok)
  const run = await seal(base, place, 10)
  assert.deepEqual([run.sealed, run.head?.no], [60, 6n])
  const rows = await base.owner.query<{ id: string }>('', 'select id from journals order by recorded_at, id')
  return { base, place, ids: rows.map((row) => row.id) }
}
