// Puts the directory that comes with the code (data/banks) into a database that has none.
// Must stay true: a directory that somebody imported is never touched.

import fs from 'node:fs/promises'
import path from 'node:path'
import type { Tx } from '../../base/database.ts'
import { importDirectory } from './import-banks.ts'

const folder = path.join(import.meta.dirname, '../../../data/banks')

export async function seedBanks(tx: Tx, at: Date): Promise<void> {
  const [some] = await tx.query('banks-any', 'select 1 from banks limit 1')
  if (some) return
  for (const name of ['banks.csv', 'branches.csv'])
    await importDirectory(tx, await fs.readFile(path.join(folder, name), 'utf8'), at)
}
