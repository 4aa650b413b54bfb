// One launcher per data folder: run.json says which process has it, which children it started and where they serve.
// Must stay true: a process is known by its number and its start time together, so that a number given to another process
// since is never waited for, refused over, or killed; what the file holds is readable by its owner alone.

import fs from 'node:fs'
import path from 'node:path'
import { sleep } from '../base/clock.ts'

export interface ProcessMark {
  pid: number
  /** In clock ticks since boot, as the kernel counts; 0 where the system does not say. */
  started: number
}

export interface RunFile {
  launcher: ProcessMark
  children: Record<string, ProcessMark>
  /** What the launcher gave its children: where the database, the chains and so on are. */
  env: Record<string, string>
}

export class FolderInUse extends Error {}

export interface Claim {
  /** True when the last launcher was killed and left children, who are gone now. */
  readonly afterKill: boolean
  update(change: Partial<RunFile>): void
  release(): void
}

/** A killed launcher's children end by themselves within 10 seconds; those that do not are helped. */
const PATIENCE = 12_000

const runFileOf = (dataDir: string) => path.join(dataDir, 'run.json')

export async function claimFolder(dataDir: string): Promise<Claim> {
  fs.mkdirSync(dataDir, { recursive: true, mode: 0o711 })
  const file = runFileOf(dataDir)
  const left = readRunFile(dataDir)
  if (left && left.launcher.pid !== process.pid && lives(left.launcher)) {
    throw new FolderInUse(
      `the data folder ${dataDir} is in use by another UniPay (process ${left.launcher.pid}). Stop it, or set DATA_DIR and PORT to others.`,
    )
  }
  let run: RunFile = { launcher: mark(process.pid), children: left?.children ?? {}, env: left?.env ?? {} }
  const lock = `${file}.lock`
  takeLock(lock)
  write(file, run)
  fs.rmSync(lock)

  const orphans = Object.values(run.children).filter(lives)
  await outlast(orphans)
  run = { ...run, children: {} }
  write(file, run)
  return {
    afterKill: orphans.length > 0,
    update(change) {
      run = { ...run, ...change }
      write(file, run)
    },
    release: () => write(file, { ...run, launcher: { pid: 0, started: 0 }, children: {} }),
  }
}

/** What the last or present launcher of this folder wrote down. */
export function readRunFile(dataDir: string): RunFile | undefined {
  try {
    return JSON.parse(fs.readFileSync(runFileOf(dataDir), 'utf8')) as RunFile
  } catch {
    return undefined
  }
}

/** Of two launchers that start in the same moment one gets it. A lock is held for milliseconds; an old one is a crash's. */
function takeLock(lock: string): void {
  try {
    if (Date.now() - fs.statSync(lock).mtimeMs > 5_000) fs.rmSync(lock)
  } catch {
    // there is none
  }
  try {
    fs.closeSync(fs.openSync(lock, 'wx', 0o600))
  } catch {
    throw new FolderInUse(`another UniPay is starting in the data folder ${path.dirname(lock)}`)
  }
}

async function outlast(orphans: readonly ProcessMark[]): Promise<void> {
  for (const until = Date.now() + PATIENCE; Date.now() < until && orphans.some(lives); ) await sleep(50)
  for (const orphan of orphans) if (lives(orphan)) process.kill(orphan.pid, 'SIGKILL')
  while (orphans.some(lives)) await sleep(20)
}

function write(file: string, run: RunFile): void {
  const half = `${file}.new`
  fs.writeFileSync(half, JSON.stringify(run, null, 2), { mode: 0o600 })
  fs.renameSync(half, file)
}

export const mark = (pid: number): ProcessMark => ({ pid, started: startTime(pid) })

const lives = ({ pid, started }: ProcessMark): boolean => pid > 0 && isRunning(pid) && startTime(pid) === started

/** A zombie has ended, though nobody has asked for its exit code. */
function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false
  }
  return statFields(pid)[0] !== 'Z'
}

const startTime = (pid: number): number => Number(statFields(pid)[19] ?? 0)

/** /proc/pid/stat from the third field on: the second is a name that may hold blanks and brackets. */
function statFields(pid: number): string[] {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return []
  }
}
