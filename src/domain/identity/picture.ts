// A picture that a stranger sent, made into one of ours: recognised by its own bytes, measured before it is decoded, drawn
// anew. Must stay true: nothing of the file but its pixels is kept (no EXIF, no place, nothing appended, no script); what
// would not fit into memory is refused by its head alone; a few are decoded at a time, whoever sends how many.

import { Refusal } from '../../base/errors.ts'

export const LARGEST_FILE = 10 * 1024 * 1024
const LARGEST_SIDE = 12_000
const LARGEST_AREA = 50_000_000
/** Of what is kept: enough to read the small print of a document. */
const KEPT_SIDE = 2_400
const DECODE_SECONDS = 10

const refuse = (reason: string) => new Refusal('KYCInvalidFile', { pointer: '/file', reason })

const kinds = [
  { format: 'jpeg', type: 'image/jpeg', ends: /\.(jpe?g|jfif)$/i, begins: ['ffd8ff', ''] },
  { format: 'png', type: 'image/png', ends: /\.png$/i, begins: ['89504e470d0a1a0a', '0000000d49484452'] },
  { format: 'webp', type: 'image/webp', ends: /\.webp$/i, begins: ['52494646', '57454250'] },
] as const

export interface SentFile {
  name: string
  /** As the sender says. */
  type: string
  bytes: Buffer
}

/** A JPEG of the picture. Refuses `KYCInvalidFile`, and `Busy` while too many are waiting. */
export async function drawAnew({ name, type, bytes }: SentFile): Promise<Buffer> {
  if (bytes.length === 0) throw refuse('the file is empty')
  if (bytes.length > LARGEST_FILE) throw refuse('at most 10 MB')
  if (/[/\\\0]|\.\./.test(name) || name.length > 255) throw refuse('not a name of a file')
  const kind = kinds.find(({ begins: [first, then] }) => {
    const head = bytes.toString('hex', 0, 16)
    return head.startsWith(first) && head.startsWith(then, 16)
  })
  if (!kind) throw refuse('send a JPEG, PNG or WebP picture')
  const said = type.split(';')[0]?.trim().toLowerCase() ?? ''
  if (said !== kind.type && said !== 'image/jpg' && said !== 'application/octet-stream' && said !== '') {
    throw refuse(`it is a ${kind.format}, not what its type says`)
  }
  if (/\.[^.]+$/.test(name) && !kind.ends.test(name)) throw refuse(`it is a ${kind.format}, not what its name says`)
  return inTurn(() => decode(bytes, kind.format))
}

async function decode(bytes: Buffer, format: string): Promise<Buffer> {
  const sharp = await library()
  const options = { limitInputPixels: LARGEST_AREA, failOn: 'error', sequentialRead: true, pages: 1 } as const
  try {
    const { format: found, width, height } = await sharp(bytes, options).metadata() // reads the head alone
    if (found !== format || !width || !height) throw refuse('not a picture')
    if (width > LARGEST_SIDE || height > LARGEST_SIDE || width * height > LARGEST_AREA) throw refuse('too many pixels')
    return await sharp(bytes, options)
      .timeout({ seconds: DECODE_SECONDS })
      .rotate() // as its EXIF says, which is then left behind
      .resize({ width: KEPT_SIDE, height: KEPT_SIDE, fit: 'inside', withoutEnlargement: true })
      .flatten({ background: '#ffffff' })
      .toColourspace('srgb')
      .jpeg({ quality: 88 })
      .toBuffer()
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw refuse('the picture cannot be read')
  }
}

/** Loaded when the first picture comes; of all that it can read, only what we take. */
const library = once(async () => {
  const { default: sharp } = await import('sharp')
  sharp.cache(false)
  sharp.concurrency(1)
  sharp.block({ operation: ['VipsForeignLoad'] })
  sharp.unblock({ operation: ['VipsForeignLoadJpegBuffer', 'VipsForeignLoadPngBuffer', 'VipsForeignLoadWebpBuffer'] })
  return sharp
})

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

// --- a few at a time: a decoded picture is a hundred times its file ---

const AT_ONCE = 2
const WAITING = 32
let running = 0
const waiting: (() => void)[] = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= WAITING) throw new Refusal('Busy', { retryAfter: 2, reason: 'too many pictures at once' })
    await new Promise<void>((resolve) => waiting.push(resolve))
  } else running++
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}
