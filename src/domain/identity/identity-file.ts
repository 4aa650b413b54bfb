// Pictures of documents: sealed, each with a key of its own, which lies sealed in the database, and kept by the file store.
// Must stay true: bytes without their row open nothing, and open in no other row; a file is its customer's alone, somebody
// else's is as absent as one that is not there; the store is reached with no transaction open.

import { randomKey, seal, sealBytes, unseal, unsealBytes } from '../../base/crypto.ts'
import type { Queries } from '../../base/database.ts'
import { assert } from '../../base/errors.ts'
import { newId } from '../../base/ids.ts'
import type { Actor, Bank } from '../context.ts'
import type { SealedColumn } from '../sealed-column.ts'
import { countAttempt } from '../sign-in/attempt.ts'
import { drawAnew, type SentFile } from './picture.ts'

export interface IdentityFile {
  id: string
  person_id: string
  name: string
  key_sealed: Buffer | null
}

const keyContext = (bookId: number, id: string) => `file key ${bookId} ${id}`
const bytesContext = (bookId: number, personId: string, name: string) => `file ${bookId} ${personId} ${name}`
export const sealedFileKeys: SealedColumn = {
  table: 'identity_files',
  column: 'key_sealed',
  key: { id: 'uuid' },
  context: keyContext,
}

/** Takes a picture. Answers its name, the key by which the customer hands it in. Refuses `KYCInvalidFile`, `RateLimited`. */
export async function takeFile(bank: Bank, actor: Pick<Actor, 'bookId' | 'personId'>, sent: SentFile): Promise<string> {
  const { bookId, personId } = actor
  const now = bank.clock.now()
  await countAttempt(bank.db, now, bookId, 'identity-file', personId)
  const picture = await drawAnew(sent)
  const id = newId()
  const [year, month] = now.toISOString().split('-')
  const name = `kyc/${year}/${month}/${id}.jpg`
  const key = randomKey()
  const sealed = seal(bank.keys.personal, key.toString('base64'), keyContext(bookId, id))
  // the row first: bytes that no row knows would never be removed
  await bank.db.query(
    'identity-file-add',
    `insert into identity_files (book_id, id, person_id, name, key_sealed, size, created_at) values ($1, $2, $3, $4, $5, $6, $7)`,
    [bookId, id, personId, name, sealed, picture.length, now],
  )
  await bank.files.put(name, sealBytes(key, picture, bytesContext(bookId, personId, name)))
  await bank.db.query(
    'identity-file-stored',
    'update identity_files set stored_at = $3 where book_id = $1 and id = $2',
    [bookId, id, now],
  )
  return name
}

const COLUMNS = 'id, person_id, name, key_sealed'

/** A customer's own, by its name; of those that came since an instant. */
export async function fileByName(
  q: Queries,
  bookId: number,
  personId: string,
  name: string,
  since = new Date(0),
): Promise<IdentityFile | undefined> {
  const [row] = await q.query<IdentityFile>(
    'identity-file-by-name',
    `select ${COLUMNS} from identity_files
     where book_id = $1 and name = $2 and person_id = $3 and stored_at is not null and erased_at is null and created_at >= $4`,
    [bookId, name, personId, since],
  )
  return row
}

/** For operators, by id. */
export async function fileById(q: Queries, bookId: number, id: string): Promise<IdentityFile | undefined> {
  const [row] = await q.query<IdentityFile>(
    'identity-file-by-id',
    `select ${COLUMNS} from identity_files
     where book_id = $1 and id = $2 and stored_at is not null and erased_at is null`,
    [bookId, id],
  )
  return row
}

/** The picture. Throws when the bytes are not the ones that were put there. */
export async function openFile(bank: Bank, bookId: number, file: IdentityFile): Promise<Buffer> {
  assert(file.key_sealed, 'a file that is not erased has its key')
  const bytes = await bank.files.get(file.name)
  assert(bytes, `the file store has lost ${file.name}`)
  const key = Buffer.from(unseal(bank.keys.personal, file.key_sealed, keyContext(bookId, file.id)), 'base64')
  return unsealBytes(key, bytes, bytesContext(bookId, file.person_id, file.name))
}

/** Destroys the keys of files that no check needs any more: nobody can open them from then on. Their bytes go with `removeErased`. */
export const eraseFiles = (bank: Bank, bookId: number, ids: readonly string[]): Promise<unknown> =>
  bank.db.query(
    'identity-files-erase',
    `update identity_files f set key_sealed = null, erased_at = $3
     where book_id = $1 and id = any ($2::uuid[]) and erased_at is null and not exists (
       select from identity_checks c where c.book_id = f.book_id and c.person_id = f.person_id
         and c.erased_at is null and f.id in (c.front_file, c.back_file, c.third_file))`,
    [bookId, ids, bank.clock.now()],
  )

/** Removes the bytes of erased files; what the store does not remove now is asked for again the next time. */
export async function removeErased(bank: Bank, bookId: number, limit: number): Promise<number> {
  const rows = await bank.db.query<{ id: string; name: string }>(
    'identity-files-erased',
    `select id, name from identity_files where book_id = $1 and erased_at is not null and removed_at is null
     order by erased_at limit $2`,
    [bookId, limit],
  )
  for (const { id, name } of rows) {
    await bank.files.remove(name)
    await bank.db.query(
      'identity-file-removed',
      'update identity_files set removed_at = $3 where book_id = $1 and id = $2',
      [bookId, id, bank.clock.now()],
    )
  }
  return rows.length
}

/** Files that were never handed in, from before an instant. */
export async function unusedFiles(q: Queries, bookId: number, before: Date, limit: number): Promise<string[]> {
  const rows = await q.query<{ id: string }>(
    'identity-files-unused',
    `select id from identity_files f where book_id = $1 and created_at < $2 and erased_at is null and not exists (
       select from identity_checks c where c.book_id = f.book_id and c.person_id = f.person_id and f.id in (c.front_file, c.back_file, c.third_file))
     order by created_at limit $3`,
    [bookId, before, limit],
  )
  return rows.map((row) => row.id)
}
