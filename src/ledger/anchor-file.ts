// Anchors as lines of a file a book, appended and synced: {"book_id":1,"no":12,"hash":"…","at":"…"}. The file belongs on
// another disk, or another machine's, than the database. Several processes may append to it at once.
// Must stay true: a line is there for good before its head counts; a line torn by a crash hides no other.

import fs from 'node:fs/promises'
import path from 'node:path'
import readline from 'node:readline'
import type { Anchor, AnchorPlace } from './seal.ts'

const TAIL = 64 * 1024
/** Anchors that are read back one by one; of the older ones one an hour is enough, for each vouches for all before it. */
const RECENT = 1_000

/** `chain` names the file: several chains of a book are anchored side by side. */
export function anchorFile(dataDir: string, chain = 'book'): AnchorPlace {
  const folder = path.join(dataDir, 'anchors')
  const fileOf = (bookId: number) => path.join(folder, `${chain}-${bookId}.jsonl`)

  return {
    async append(anchor) {
      if (await fs.mkdir(folder, { recursive: true, mode: 0o700 })) await sync(dataDir)
      const file = await fs.open(fileOf(anchor.bookId), 'a+', 0o600)
      try {
        const { size } = await file.stat()
        const { buffer } = size > 0 ? await file.read(Buffer.alloc(1), 0, 1, size - 1) : { buffer: undefined }
        const torn = buffer !== undefined && buffer.toString() !== '\n'
        await file.appendFile(`${torn ? '\n' : ''}${lineOf(anchor)}\n`)
        await file.sync()
        if (size === 0) await sync(folder)
      } finally {
        await file.close()
      }
    },

    async last(bookId) {
      const file = await openIfThere(fileOf(bookId))
      if (!file) return undefined
      try {
        const { size } = await file.stat()
        const start = size > TAIL ? size - TAIL : 0
        const { buffer } = await file.read(Buffer.alloc(size - start), 0, size - start, start)
        return furthest(
          buffer
            .toString('utf8')
            .split('\n')
            .flatMap((line) => anchorOf(line) ?? []),
        )
      } finally {
        await file.close()
      }
    },

    async all(bookId) {
      const file = await openIfThere(fileOf(bookId))
      if (!file) return []
      const old: Anchor[] = []
      let recent: Anchor[] = []
      const thin = (anchors: Anchor[]) => {
        for (const anchor of anchors) if (hourOf(anchor) !== hourOf(old.at(-1))) old.push(anchor)
      }
      for await (const line of readline.createInterface({ input: file.createReadStream() })) {
        const anchor = anchorOf(line)
        if (anchor) recent.push(anchor)
        if (recent.length < 2 * RECENT) continue
        thin(recent.slice(0, RECENT))
        recent = recent.slice(RECENT)
      }
      return [...old, ...recent]
    },
  }
}

const lineOf = ({ bookId, no, hash, at }: Anchor) =>
  `{"book_id":${bookId},"no":${no},"hash":"${hash}","at":"${at.toISOString()}"}`

const LINE = /^\{"book_id":(\d+),"no":(\d+),"hash":"([0-9a-f]{64})","at":"([^"]+)"\}$/

function anchorOf(line: string): Anchor | undefined {
  const [, bookId, no, hash, at] = LINE.exec(line) ?? []
  if (!bookId || !no || !hash || !at) return undefined
  return { bookId: Number(bookId), no: BigInt(no), hash, at: new Date(at) }
}

const furthest = (anchors: Anchor[]) =>
  anchors.reduce<Anchor | undefined>((far, anchor) => (far && far.no >= anchor.no ? far : anchor), undefined)

const hourOf = (anchor: Anchor | undefined) => anchor?.at.toISOString().slice(0, 13)

async function openIfThere(file: string) {
  try {
    return await fs.open(file, 'r')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** A new file is only there for good when its folder is. */
async function sync(folder: string) {
  const handle = await fs.open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
