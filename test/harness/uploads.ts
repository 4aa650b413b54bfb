// Pictures for tests, good and hostile, and sending them as a browser does.

import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { crc32, deflateSync } from 'node:zlib'
import sharp from 'sharp'
import type { Answer, World } from './customers.ts'

/** A folder for a world's files, gone when the process ends. */
export function filesFolder(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-files-'))
  process.once('exit', () => fs.rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** A noisy picture, no two alike. */
export function picture(format: 'jpeg' | 'png' | 'webp' = 'jpeg', width = 320, height = 200): Promise<Buffer> {
  const raw = randomBytes(width * height * 3)
  return sharp(raw, { raw: { width, height, channels: 3 } })
    .toFormat(format)
    .toBuffer()
}

export const PLACE = '39/1 54/1 20/1'
/** Taken by a telephone that says where. */
export async function pictureWithPlace(): Promise<Buffer> {
  return sharp(await picture())
    .withExif({
      IFD0: { Make: 'SECRETPHONE', Copyright: 'SECRETNAME' },
      IFD3: { GPSLatitudeRef: 'N', GPSLatitude: PLACE, GPSLongitudeRef: 'E', GPSLongitude: '116/1 23/1 29/1' },
    })
    .jpeg()
    .toBuffer()
}

const chunk = (type: string, data: Buffer) => {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const head = Buffer.alloc(4)
  head.writeUInt32BE(data.length)
  const sum = Buffer.alloc(4)
  sum.writeUInt32BE(crc32(body))
  return Buffer.concat([head, body, sum])
}

/** A PNG that says how large it is, with as much behind it as its sender cared to write. */
export function hugePng(width: number, height: number): Buffer {
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head.set([1, 0, 0, 0, 0], 8) // one bit a pixel, grey
  const row = Math.ceil(width / 8) + 1
  const pixels = deflateSync(Buffer.alloc(row * Math.min(height, 2_000)), { level: 9 })
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', head),
    chunk('IDAT', pixels),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

export interface Sent {
  name?: string
  type?: string
  field?: string
  /** A part that comes after the file. */
  more?: boolean
}

/** One multipart request, written by hand: a browser would not send such names. */
export async function upload(
  world: Pick<World, 'url'>,
  token: string | undefined,
  bytes: Uint8Array,
  { name = 'front.jpg', type = 'image/jpeg', field = 'file', more = false }: Sent = {},
): Promise<Answer<{ key: string }>> {
  const line = 'x'.repeat(8) + randomBytes(8).toString('hex')
  const part = (n: string, f: string) =>
    `--${line}\r\ncontent-disposition: form-data; name="${n}"; filename="${f}"\r\ncontent-type: ${type}\r\n\r\n`
  const body = Buffer.concat([
    Buffer.from(part(field, name)),
    bytes,
    Buffer.from(more ? `\r\n${part('file', 'b.jpg')}abc` : ''),
    Buffer.from(`\r\n--${line}--\r\n`),
  ])
  const response = await fetch(`${world.url}/api/kyc/upload`, {
    method: 'POST',
    headers: {
      'content-type': `multipart/form-data; boundary=${line}`,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
    body,
  })
  const text = await response.text()
  const json = JSON.parse(text) as { code: number; name?: string; data?: { key: string }; details?: object[] }
  return {
    status: response.status,
    headers: response.headers,
    text,
    code: json.code,
    name: json.name ?? '',
    data: json.data as { key: string },
    details: (json.details?.[0] ?? {}) as Record<string, unknown>,
  }
}

/** The bytes of an answer that is no JSON. */
export async function download(world: Pick<World, 'url'>, path: string, token: string) {
  const response = await fetch(world.url + path, { headers: { authorization: `Bearer ${token}` } })
  return { status: response.status, headers: response.headers, bytes: Buffer.from(await response.arrayBuffer()) }
}
