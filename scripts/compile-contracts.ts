// Compiles sandbox/contracts/*.sol into sandbox/contracts/compiled.json (`npm run contracts`), which is committed so that
// nobody needs the compiler to start or to test. Run it again after changing a contract; the output is deterministic.
// With --check nothing is written, and a difference is an error.

import fs from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'

interface Output {
  errors?: { severity: string; formattedMessage: string }[]
  contracts: Record<string, Record<string, { abi: unknown; evm: { bytecode: { object: string } } }>>
}

const { compile } = createRequire(import.meta.url)('solc') as { compile(input: string): string }
const folder = path.join(import.meta.dirname, '../sandbox/contracts')
const names = fs
  .readdirSync(folder)
  .filter((name) => name.endsWith('.sol'))
  .sort()

const input = {
  language: 'Solidity',
  sources: Object.fromEntries(
    names.map((name) => [name, { content: fs.readFileSync(path.join(folder, name), 'utf8') }]),
  ),
  settings: {
    evmVersion: 'paris', // every development chain runs it, TRON's included
    optimizer: { enabled: true, runs: 200 },
    metadata: { bytecodeHash: 'none', appendCBOR: false },
    outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } },
  },
}

const output = JSON.parse(compile(JSON.stringify(input))) as Output
for (const problem of output.errors ?? []) console.error(problem.formattedMessage)
if (output.errors?.some((problem) => problem.severity === 'error')) process.exit(1)

const compiled = Object.values(output.contracts).flatMap((file) =>
  Object.entries(file).map(([name, { abi, evm }]) => [name, { abi, bytecode: `0x${evm.bytecode.object}` }] as const),
)
const file = path.join(folder, 'compiled.json')
const text = `${JSON.stringify(Object.fromEntries(compiled), null, 1)}\n`
if (!process.argv.includes('--check')) {
  fs.writeFileSync(file, text)
  console.log(`compiled ${compiled.map(([name]) => name).join(', ')}`)
} else if (fs.readFileSync(file, 'utf8') !== text) {
  console.error('sandbox/contracts/compiled.json is not what the sources compile to: npm run contracts')
  process.exit(1)
}
