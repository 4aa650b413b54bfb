// Our contracts, compiled (see scripts/compile-contracts.ts).
// Must stay true: what is deployed anywhere comes from contracts/compiled.json, which a test holds against the sources.

import fs from 'node:fs'
import path from 'node:path'
import type { Abi } from 'viem'
import type { Hex } from './json-rpc.ts'

export interface CompiledContract {
  abi: Abi
  bytecode: Hex
}

export function readContract(name: string): CompiledContract {
  const file = path.join(import.meta.dirname, 'contracts/compiled.json')
  const found = (JSON.parse(fs.readFileSync(file, 'utf8')) as Record<string, CompiledContract>)[name]
  if (!found) throw new Error(`there is no contract ${name} in ${file}`)
  return found
}
