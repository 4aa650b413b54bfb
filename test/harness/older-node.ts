// The oldest Node on this machine that the SDK says it runs on; the one that runs this where there is no other.

import { spawnSync } from 'node:child_process'
import path from 'node:path'

export function olderNode(): string {
  const own = path.resolve(import.meta.dirname, '../../node_modules/.bin')
  const places = (process.env.PATH ?? '').split(path.delimiter).filter((place) => path.resolve(place) !== own)
  const found = places.flatMap((place) => {
    const file = path.join(place, 'node')
    const { stdout, status } = spawnSync(file, ['-p', 'process.versions.node.split(".")[0]'], { encoding: 'utf8' })
    return status === 0 && Number(stdout) >= 18 ? [{ file, major: Number(stdout) }] : []
  })
  return found.sort((a, b) => a.major - b.major)[0]?.file ?? process.execPath
}
