// `unipay banks …`: the directory of banks and branches that recipients are chosen from.
// Must stay true: a file is taken as a whole or not at all, and what is wrong with it is said with its line.

import fs from 'node:fs/promises'
import type { Command } from 'commander'
import { BadDirectory, importDirectory } from '../../domain/remittance/import-banks.ts'
import { CannotReach, onDatabase, WrongUsage } from './command.ts'

export function define(banks: Command): void {
  banks
    .command('import <file>')
    .description('adds banks (code,name_zh,name_en,swift,source) or branches (cnaps,bank_code,name,source) from CSV')
    .addHelpText('after', '\nExamples:\n  unipay banks import data/banks/banks.csv\n  unipay banks import branches.csv')
    .action(
      onDatabase(async ({ db }, [file = '']) => {
        const csv = await fs.readFile(file, 'utf8').catch((error: Error) => {
          throw new CannotReach(`${file} cannot be read: ${error.message}`)
        })
        try {
          const imported = await db.transaction((tx) => importDirectory(tx, csv, new Date()))
          const text = `${imported.banks} banks and ${imported.branches} branches are in the directory`
          return { data: { ...imported }, text }
        } catch (error) {
          if (error instanceof BadDirectory) throw new WrongUsage(`${file}, ${error.message}`)
          throw error
        }
      }),
    )
}
