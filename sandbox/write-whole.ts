// Writes a file whole or not at all, also when the machine stops half-way.
// Whoever reads finds the old file or the new one, never a part: written beside, synced, renamed.

import fs from 'node:fs'
import path from 'node:path'

export function writeWhole(file: string, content: string | Uint8Array, mode = 0o600): void {
  const half = `${file}.${process.pid}.new`
  const fd = fs.openSync(half, 'w', mode)
  try {
    fs.writeFileSync(fd, content)
    fs.fsyncSync(fd)
  } finally {
    fs.closeSync(fd)
  }
  fs.renameSync(half, file)
  const folder = fs.openSync(path.dirname(file), 'r')
  fs.fsyncSync(folder) // the name is on disk too
  fs.closeSync(folder)
}
