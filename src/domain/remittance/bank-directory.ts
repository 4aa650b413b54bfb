// The directory of banks and their branches: found by code, SWIFT, Chinese, English, pinyin or its initials.
// Must stay true: every answer is bounded; a bank that somebody names is one of the directory or none.

import type { Queries } from '../../base/database.ts'
import { Refusal } from '../../base/errors.ts'

export interface BankEntry {
  code: string
  name_zh: string
  name_en: string
  swift: string
}

export interface Branch {
  cnaps: string
  bank_code: string
  name: string
}

/** More than there are banks in the seed; a directory that was imported may have more, and a search finds those. */
const MOST = 100

/** Words as they are looked for: no case, no full-width letters, no blanks. */
export const searchText = (text: string): string => text.normalize('NFKC').toLowerCase().replace(/\s+/g, '')

export const banks = (q: Queries, query = ''): Promise<BankEntry[]> =>
  q.query<BankEntry>(
    'banks',
    `select code, name_zh, name_en, swift from banks where $1 = '' or position($1 in search) > 0
     order by code limit $2`,
    [searchText(query), MOST],
  )

export const branches = (
  q: Queries,
  query: { bankCode?: string | undefined; text?: string | undefined; cnaps?: string | undefined; size: number },
): Promise<Branch[]> =>
  q.query<Branch>(
    'bank-branches',
    `select cnaps, bank_code, name from bank_branches
     where ($1::text is null or bank_code = $1) and ($2::text is null or cnaps = $2) and ($3 = '' or position($3 in search) > 0)
     order by cnaps limit $4`,
    [query.bankCode?.toUpperCase() ?? null, query.cnaps ?? null, searchText(query.text ?? ''), query.size],
  )

/** The bank that somebody means by its code, SWIFT code or name. Refuses `InvalidParams`. */
export async function bankByName(q: Queries, name: string): Promise<BankEntry> {
  const wanted = searchText(name).replace(/^中国(?!银行)/, '')
  const [bank, ...more] = await q.query<BankEntry>(
    'bank-by-name',
    `select code, name_zh, name_en, swift from banks
     where $1 in (lower(code), lower(swift), name_zh, lower(replace(name_en, ' ', ''))) limit 2`,
    [wanted],
  )
  if (bank && more.length === 0) return bank
  throw new Refusal('InvalidParams', { pointer: '/bank_name', reason: 'no bank of the directory' })
}

export async function bankByCode(q: Queries, code: string): Promise<BankEntry> {
  const [bank] = await q.query<BankEntry>(
    'bank-by-code',
    'select code, name_zh, name_en, swift from banks where code = $1',
    [code],
  )
  if (!bank) throw new Error(`bank ${code} is in the directory`)
  return bank
}

/** A branch by its number. Refuses `InvalidParams` one of another bank; one that is not in the directory is believed. */
export async function checkBranch(q: Queries, cnaps: string, bankCode: string): Promise<void> {
  const [branch] = await branches(q, { cnaps, size: 1 })
  if (branch && branch.bank_code !== bankCode)
    throw new Refusal('InvalidParams', { pointer: '/cnaps_code', reason: 'a branch of another bank' })
}
