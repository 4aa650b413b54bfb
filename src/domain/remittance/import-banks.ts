// Fills the directory of banks from CSV: `code,name_zh,name_en,swift,source` for banks, `cnaps,bank_code,name,source` for
// branches; what kind it is, the heading says. Pinyin is worked out here, once, so that a search needs none.
// Must stay true: a file is taken as a whole or not at all, and what is wrong is named with its line.

import { pinyin } from 'pinyin-pro'
import type { Tx } from '../../base/database.ts'
import { searchText } from './bank-directory.ts'

/** What is wrong with a file, for whoever imports it. */
export class BadDirectory extends Error {}

export interface Imported {
  banks: number
  branches: number
}

const MAX_FIELD = 200
const headings = {
  banks: 'code,name_zh,name_en,swift,source',
  branches: 'cnaps,bank_code,name,source',
} as const

/** Adds what the file has, and brings up to date what is there already. */
export async function importDirectory(tx: Tx, csv: string, at: Date): Promise<Imported> {
  const [heading, ...lines] = readCsv(csv)
  const kind = heading?.join(',').toLowerCase()
  if (kind === headings.banks) return { banks: await importBanks(tx, lines, at), branches: 0 }
  if (kind === headings.branches) return { banks: 0, branches: await importBranches(tx, lines, at) }
  throw new BadDirectory(`line 1: expected "${headings.banks}" or "${headings.branches}"`)
}

async function importBanks(tx: Tx, lines: readonly string[][], at: Date): Promise<number> {
  const rows = lines.map((line, i) => {
    const [code = '', zh = '', en = '', swift = '', source = ''] = fields(line, 5, i)
    require(/^[A-Z0-9]{2,12}$/.test(code), i, 'code: 2 to 12 capital letters or digits')
    require(/^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$/.test(swift), i, 'swift: 8 or 11 letters and digits')
    return { code, zh, en, swift, source, search: searchOf(zh, [code, swift, en]) }
  })
  refuseTwice(rows.map((row) => row.code))
  await tx.query(
    'banks-import',
    `insert into banks (code, name_zh, name_en, swift, source, search, updated_at)
     select u.*, $7 from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[]) u
     on conflict (code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en, swift = excluded.swift,
       source = excluded.source, search = excluded.search, updated_at = excluded.updated_at`,
    [...(['code', 'zh', 'en', 'swift', 'source', 'search'] as const).map((name) => rows.map((row) => row[name])), at],
  )
  return rows.length
}

async function importBranches(tx: Tx, lines: readonly string[][], at: Date): Promise<number> {
  const known = new Set((await tx.query<{ code: string }>('banks-codes', 'select code from banks')).map((b) => b.code))
  const rows = lines.map((line, i) => {
    const [cnaps = '', bank = '', name = '', source = ''] = fields(line, 4, i)
    require(/^\d{12}$/.test(cnaps), i, 'cnaps: 12 digits')
    require(known.has(bank), i, `there is no bank ${bank}; import banks first`)
    return { cnaps, bank, name, source, search: searchOf(name, [cnaps, bank]) }
  })
  refuseTwice(rows.map((row) => row.cnaps))
  await tx.query(
    'branches-import',
    `insert into bank_branches (cnaps, bank_code, name, source, search, updated_at)
     select u.*, $6 from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[]) u
     on conflict (cnaps) do update set bank_code = excluded.bank_code, name = excluded.name, source = excluded.source,
       search = excluded.search, updated_at = excluded.updated_at`,
    [...(['cnaps', 'bank', 'name', 'source', 'search'] as const).map((name) => rows.map((row) => row[name])), at],
  )
  return rows.length
}

/** All by which an entry is found, apart so that no search runs across. */
function searchOf(chinese: string, others: readonly string[]): string {
  const spoken = pinyin(chinese, { toneType: 'none', type: 'array', v: true })
  const initials = spoken.map((syllable) => syllable.slice(0, 1)).join('')
  return [chinese, spoken.join(''), initials, ...others].map(searchText).join(' ')
}

function fields(line: readonly string[], count: number, i: number): readonly string[] {
  require(line.length === count, i, `${count} fields`)
  require(line.every(
    (field) => field !== '' && field.length <= MAX_FIELD,
  ), i, `each field has 1 to ${MAX_FIELD} characters`)
  return line
}

function require(fits: boolean, i: number, what: string): void {
  if (!fits) throw new BadDirectory(`line ${i + 2}: expected ${what}`)
}

function refuseTwice(keys: readonly string[]): void {
  const seen = new Set<string>()
  for (const [i, key] of keys.entries()) {
    require(!seen.has(key), i, `each key once; ${key} comes again`)
    seen.add(key)
  }
}

/** RFC 4180 as far as these files need it: quoted fields, doubled quotes; no line breaks inside a field. */
function readCsv(text: string): string[][] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .map((line) =>
      [...line.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",]*))/g)].map(([, quoted, plain]) =>
        (quoted?.replaceAll('""', '"') ?? plain ?? '').trim(),
      ),
    )
}
