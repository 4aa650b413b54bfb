// One file in a multipart request, as every API that takes pictures reads it.
// Must stay true: a second part, another field, a file that is too large or a name with a path in it is refused.

import type { FastifyRequest } from 'fastify'
import { isRefusal, Refusal } from '../base/errors.ts'
import { LARGEST_FILE, type SentFile } from '../domain/identity/picture.ts'
import { isCleanText } from './strict-json.ts'

/** For @fastify/multipart, in a scope of its own: nothing else takes multipart. */
export const uploadLimits = {
  preservePath: true, // a name with a path in it is refused, not cut
  throwFileSizeLimit: false, // we look at `truncated` ourselves
  limits: { fileSize: LARGEST_FILE, files: 1, fields: 0, parts: 1, headerPairs: 20, fieldNameSize: 100 },
} as const

/** The one part of the request, which must be a file by the name of `file`. */
export async function sentFile(request: FastifyRequest): Promise<SentFile> {
  const refuse = (reason: string) => new Refusal('KYCInvalidFile', { pointer: '/file', reason })
  if (!request.isMultipart()) throw new Refusal('UnsupportedMediaType', { reason: 'send multipart/form-data' })
  try {
    const part = await request.file()
    if (part?.fieldname !== 'file') throw refuse('one file, in the field "file"')
    const bytes = await part.toBuffer()
    if (part.file.truncated) throw refuse('at most 10 MB')
    const name = part.filename ?? ''
    if (!isCleanText(name)) throw refuse('not a name of a file')
    return { name, type: part.mimetype, bytes }
  } catch (error) {
    if (isRefusal(error)) throw error
    request.log.debug({ err: error, request_id: request.id }, 'an upload that cannot be read')
    throw refuse('the upload cannot be read')
  }
}
