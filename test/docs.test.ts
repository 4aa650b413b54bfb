// The documents say what is: printed pages are fresh, links lead somewhere, and files, commands, variables, dependencies,
// words and kinds of movement that are named exist. Code spans and ```tree blocks are what is looked at.

import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { printedDocs } from '../scripts/print-docs.ts'
import { settings } from '../src/base/config.ts'
import { houseKinds, personKinds } from '../src/ledger/accounts.ts'
import { journalKinds } from '../src/ledger/journals.ts'

const root = path.join(import.meta.dirname, '..')
const read = (file: string) => fs.readFileSync(path.join(root, file), 'utf8')
const exists = (file: string) => fs.existsSync(path.join(root, file))
const documents = ['*.md', 'docs/**/*.md'].flatMap((pattern) => fs.globSync(pattern, { cwd: root })).sort()
const sourcesOf = (pattern: string) => fs.globSync(pattern, { cwd: root }).map(read).join('\n')
const packageFile = JSON.parse(read('package.json')) as Record<string, Record<string, string>>

interface Block {
  language: string
  text: string
}

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm
const blocksOf = (text: string): Block[] =>
  [...text.matchAll(FENCE)].map(([, language = '', inner = '']) => ({ language, text: inner }))
const proseOf = (text: string) => text.replaceAll(FENCE, '')
const spansOf = (text: string) => [...proseOf(text).matchAll(/`([^`\n]+)`/g)].map(([, span = '']) => span)
const linksOf = (text: string) =>
  [
    ...proseOf(text)
      .replaceAll(/`[^`\n]*`/g, '')
      .matchAll(/\]\(([^)\s]+)\)/g),
  ].map(([, target = '']) => target)

/** The cells of a document's tables, row by row. */
const rowsOf = (text: string): string[][] =>
  proseOf(text)
    .split('\n')
    .filter((line) => line.startsWith('| '))
    .map((line) =>
      line
        .slice(2, -2)
        .split(/(?<!\\)\|/)
        .map((cell) => cell.trim()),
    )

/** What GitHub makes of a heading. */
const anchorsOf = (text: string) =>
  [...proseOf(text).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-'),
  )

/** Fails with all that is wrong, not with the first of it. */
function expectNone(wrong: string[]): void {
  assert.equal(wrong.join('\n'), '')
}

test('printed pages are those that the code prints now (npm run docs)', () => {
  for (const [file, text] of Object.entries(printedDocs())) {
    assert.equal(exists(file) && read(file), text, `${file} is stale: npm run docs`)
  }
})

test('relative links lead to a file, and to a heading where they name one', () => {
  expectNone(
    documents.flatMap((file) =>
      linksOf(read(file))
        .filter((target) => !/^[a-z]+:/.test(target))
        .flatMap((target) => {
          const [name = '', anchor] = target.split('#')
          const aim = name === '' ? file : path.join(path.dirname(file), name)
          if (!exists(aim)) return [`${file}: ${target} leads nowhere`]
          const found = anchor === undefined || anchorsOf(read(aim)).includes(decodeURIComponent(anchor))
          return found ? [] : [`${file}: ${target} has no such heading`]
        }),
    ),
  )
})

const PATH = /^(\.ci|src|sandbox|sql|test|scripts|bench|docs|web|sdk)\/[\w./-]*$/

test('files that are named exist', () => {
  expectNone(
    documents.flatMap((file) => {
      const named = spansOf(read(file)).filter((span) => PATH.test(span))
      return named.filter((name) => !exists(name)).map((name) => `${file}: there is no ${name}`)
    }),
  )
})

test('trees of recipes name files that exist, and folders for those to add', () => {
  const lines = documents.flatMap((file) =>
    blocksOf(read(file))
      .filter((block) => block.language === 'tree')
      .flatMap((block) => block.text.trim().split('\n'))
      .map((line) => ({ file, line })),
  )
  assert.ok(lines.length > 0)
  expectNone(
    lines.flatMap(({ file, line }) => {
      const [, added, name = ''] = /^(\+ )?(\S+)/.exec(line) ?? []
      const there = added ? exists(path.dirname(name)) && !exists(name) : exists(name)
      return there ? [] : [`${file}: ${line}`]
    }),
  )
})

test('npm scripts and environment variables that are named exist', () => {
  const tests = sourcesOf('test/**/*.ts')
  expectNone(
    documents.flatMap((file) => {
      const text = read(file)
      const scripts = [...text.matchAll(/npm run (?:-s )?([\w:-]+)/g)].map(([, name = '']) => name)
      const variables = spansOf(text).filter((span) => /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)+$/.test(span))
      return [
        ...scripts.filter((name) => !packageFile.scripts?.[name]).map((name) => `${file}: npm run ${name}`),
        ...variables
          .filter((name) => !(name in settings) && !tests.includes(`process.env.${name}`))
          .map((name) => `${file}: ${name}`),
      ]
    }),
  )
})

test('every dependency has its line in CONTRIBUTING.md, and no other has', () => {
  const [, table = ''] = read('CONTRIBUTING.md').split('## Dependencies')
  const listed = rowsOf(table).flatMap(([name = '']) => /^`(.+)`$/.exec(name)?.[1] ?? [])
  const installed = ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
    Object.keys(packageFile[kind] ?? {}),
  )
  assert.deepEqual(listed.sort(), installed.sort())
})

const hasWord = (text: string, word: string) => new RegExp(`(?<![\\w$])${word}(?![\\w$])`).test(text)
const wordsIn = (cell: string) => [...cell.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word)

test('words of the glossary are those of the code, the schema and the wire', () => {
  const code = sourcesOf('src/**/*.ts')
  const schema = sourcesOf('sql/*.sql')
  const wire = sourcesOf('src/api/**/*.ts')
  const [terms = '', wireTerms = ''] = read('docs/glossary.md').split('## Wire words')
  const rows = rowsOf(terms).filter((row) => row.length === 5 && row[0] !== '---')
  assert.ok(rows.length > 50)
  expectNone([
    ...rows.flatMap(([, english, inCode = '', inSql = '']) => [
      ...wordsIn(inCode).flatMap((word) => (hasWord(code, word) ? [] : [`${english}: no ${word} in src`])),
      ...wordsIn(inSql).flatMap((word) => (hasWord(schema, word) ? [] : [`${english}: no ${word} in sql`])),
    ]),
    ...rowsOf(wireTerms).flatMap(([words = '']) =>
      wordsIn(words).flatMap((word) => (hasWord(wire, word.replace(/-$/, '')) ? [] : [`no ${word} in src/api`])),
    ),
  ])
})

test('docs/ledger.md has a line for every kind of journal and every account', () => {
  const rows = rowsOf(read('docs/ledger.md'))
  const kinds = rows.filter((row) => row.length === 4).flatMap(([kind = '']) => wordsIn(kind))
  assert.deepEqual(kinds.sort(), [...journalKinds].sort())
  const accounts = rows
    .filter((row) => row.length === 3)
    .flatMap(([names = '', numbers = '']) => wordsIn(names).map((name, i) => [name, numbers.split(', ')[i]]))
  const wanted = Object.entries({ ...personKinds, ...houseKinds }).map(([name, no]) => [name, `${no}`])
  expectNone(
    wanted.flatMap(([name, no]) =>
      accounts.some(([listed, number]) => listed === name && number === no) ? [] : [`${name} is ${no}`],
    ),
  )
})

test('both READMEs give the same commands, and bash can read them', () => {
  const commandsOf = (file: string) =>
    blocksOf(read(file)).map(({ language, text }) => `${language}\n${text.replaceAll(/^#.*\n/gm, '')}`)
  assert.deepEqual(commandsOf('README.zh-CN.md'), commandsOf('README.md'))
  for (const file of documents) {
    for (const { language, text } of blocksOf(read(file))) {
      if (language !== 'bash') continue
      const { status, stderr } = spawnSync('bash', ['-n'], { input: text, encoding: 'utf8' })
      assert.equal(status, 0, `${file}: ${stderr}`)
    }
  }
})
