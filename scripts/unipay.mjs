#!/usr/bin/env node
// `npx unipay …`: gets the checkout ready where it is not, and runs src/main/cli.ts with a Node that can.
// Plain JavaScript for the oldest Node in use (18). Must stay true: stdout belongs to the command alone; its exit code is
// ours.

import { spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

const NODE_MAJOR = 24
const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..')
const own = path.join(root, 'node_modules/.bin/node')

const ready = spawnSync(process.execPath, [path.join(root, 'scripts/setup.mjs')], { stdio: ['ignore', 2, 2] })
if (ready.status !== 0) process.exit(3)

// the optional package's Node where there is one; else setup.mjs has made sure of ours
const isNew = Number(process.versions.node.split('.')[0]) >= NODE_MAJOR
const node = !isNew && fs.existsSync(own) ? own : process.execPath
const child = spawn(node, [path.join(root, 'src/main/cli.ts'), ...process.argv.slice(2)], { stdio: 'inherit' })
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
child.on('error', (error) => {
  console.error(error.message)
  process.exitCode = 3
})
child.on('close', (code, signal) => {
  process.exitCode = code === null ? 128 + (os.constants.signals[signal] ?? 0) : code
})
