// Files in a folder of this machine (or of one that all machines share), for FILES=disk.
// Must stay true: a file is whole or not there, also after a power cut; no name leads out of the folder; only the bank's
// own user reads it.

import fs from 'node:fs/promises'
import path from 'node:path'
import type { FileStore } from '../domain/ports.ts'

const NAME = /^[a-z0-9]+(?:[/-][a-z0-9]+)*(?:\.[a-z0-9]+)?$/

export function diskFiles(folder: string): FileStore {
  const placeOf = (name: string) => {
    if (!NAME.test(name)) throw new Error('not a name of a file')
    return path.join(folder, name)
  }
  return {
    async put(name, bytes) {
      const place = placeOf(name)
      const parent = path.dirname(place)
      await fs.mkdir(parent, { recursive: true, mode: 0o700 })
      const half = `${place}.${process.pid}.new`
      const file = await fs.open(half, 'w', 0o600)
      try {
        await file.writeFile(bytes)
        await file.sync()
      } finally {
        await file.close()
      }
      await fs.rename(half, place)
      const entry = await fs.open(parent, 'r')
      await entry.sync().finally(() => entry.close())
    },
    async get(name) {
      try {
        return await fs.readFile(placeOf(name))
      } catch (error) {
        if (isAbsent(error)) return undefined
        throw error
      }
    },
    remove: (name) => fs.rm(placeOf(name), { force: true }),
  }
}

const isAbsent = (error: unknown) => (error as { code?: string }).code === 'ENOENT'
