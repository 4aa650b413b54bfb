// Identifiers: UUID version 7, so that rows made together lie together in an index.
// An id has one spelling, lower case, so that no two keys mean one row.

import { uuidv7 } from 'uuidv7'

export const newId = (): string => uuidv7()

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Lower-case canonical form only: two spellings of one id would be two keys. */
export const isId = (text: unknown): text is string => typeof text === 'string' && UUID.test(text)
