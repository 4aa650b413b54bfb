// Where the launcher gets configuration that the user did not give, and where a tool started by hand finds it again:
// the sandbox's own master key, and what the running launcher noted in run.json.

import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { type Config, readConfig } from '../base/config.ts'
import { readRunFile } from './claim-folder.ts'

type Env = Record<string, string | undefined>

const NO_KEY = '00'.repeat(32)

/** The configuration, and the environment that the processes are given. In sandbox mode the master key is made once. */
export function completeConfig(env: Env): { config: Config; env: Env } {
  const config = readConfig({ ...env, MASTER_KEY: env.MASTER_KEY || NO_KEY })
  if (env.MASTER_KEY || config.UNIPAY_MODE === 'live') return { config: readConfig(env), env: { ...env } }
  const complete = { ...env, MASTER_KEY: sandboxKey(config.DATA_DIR) }
  return { config: readConfig(complete), env: complete }
}

function sandboxKey(dataDir: string): string {
  const file = path.join(dataDir, 'master.key')
  if (!fs.existsSync(file)) {
    fs.mkdirSync(dataDir, { recursive: true, mode: 0o711 })
    const half = `${file}.new`
    const fd = fs.openSync(half, 'w', 0o600)
    fs.writeSync(fd, `${randomBytes(32).toString('hex')}\n`)
    fs.fsyncSync(fd) // what it encrypts must never outlive it
    fs.closeSync(fd)
    fs.renameSync(half, file)
  }
  return fs.readFileSync(file, 'utf8').trim()
}

/** For tools beside a running installation: what is set counts, the rest is what the launcher gave its processes. */
export function runningConfig(env: Env = process.env): Config {
  const { config, env: own } = completeConfig(env)
  const given = readRunFile(config.DATA_DIR)?.env ?? {}
  const set = Object.fromEntries(Object.entries(own).filter(([, value]) => value !== undefined && value !== ''))
  return readConfig({ ...given, ...set })
}
