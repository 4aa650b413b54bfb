// Source files as the house rules look at them: code without its comments and texts, the texts and comments by themselves,
// what is imported. A scanner of a page, not a parser: it knows where strings, templates, comments and regular expressions
// begin and end, which is all that the rules need.

import fs from 'node:fs'
import path from 'node:path'

export const root = path.join(import.meta.dirname, '../..')

export interface Import {
  /** As written: a package, `node:…`, or a relative path. */
  from: string
  /** The file of ours that it means, from the root; undefined for packages. */
  file: string | undefined
  /** Gone when it runs. */
  typeOnly: boolean
}

export interface Source {
  file: string
  text: string
  lines: string[]
  /** The text with comments, strings and regular expressions blanked; lines and columns stay. */
  code: string[]
  /** The comments, by line, the rest blanked. */
  comments: string[]
  /** String and template texts, each as one. */
  texts: { text: string; line: number }[]
  imports: Import[]
}

const FOLDERS = ['src', 'sandbox', 'test', 'bench', 'scripts', 'sdk', 'web']

/** Every source file of the project, from the root. */
export function sourceFiles(): string[] {
  const found = FOLDERS.flatMap((folder) => fs.globSync(`${folder}/**/*.{ts,tsx,mjs,js}`, { cwd: root }))
  return found.filter((file) => !/(^|\/)(node_modules|dist|build)\//.test(file)).sort()
}

const read = new Map<string, Source>()

export function sourceOf(file: string): Source {
  const before = read.get(file)
  if (before) return before
  const text = fs.readFileSync(path.join(root, file), 'utf8')
  const parts = scan(text)
  const source = { file, text, lines: text.split('\n'), ...parts, imports: importsOf(file, parts.uncommented) }
  read.set(file, source)
  return source
}

const IMPORT = /(?:^|[\n;])\s*(?:import|export)\s+(type\s)?([^'"`;()=]*?)\bfrom\s+'([^']+)'/g
const BARE_IMPORT = /(?:^|\n)\s*import\s+'([^']+)'|\bimport\('([^']+)'\)/g

function importsOf(file: string, text: string): Import[] {
  const make = (from: string, typeOnly: boolean): Import => ({
    from,
    typeOnly,
    file: from.startsWith('.') ? path.posix.normalize(path.posix.join(path.posix.dirname(file), from)) : undefined,
  })
  const named = [...text.matchAll(IMPORT)].map(([, type, names = '', from = '']) => {
    const inner = /^\s*\{([\s\S]*)\}\s*$/
      .exec(names)?.[1]
      ?.split(',')
      .map((name) => name.trim())
      .filter(Boolean)
    return make(from, type !== undefined || inner?.every((name) => name.startsWith('type ')) === true)
  })
  const bare = [...text.matchAll(BARE_IMPORT)].map(([, still = '', lazy = '']) => make(still || lazy, false))
  return [...named, ...bare]
}

type Kind = 'code' | 'comment' | 'text'

function scan(text: string) {
  const kinds: Kind[] = new Array(text.length).fill('code')
  const texts: Source['texts'] = []
  const mark = (from: number, to: number, kind: Kind) => kinds.fill(kind, from, to)
  const lineAt = (at: number) => text.slice(0, at).split('\n').length
  /** Ends of `${…}` still open: how many braces deep each one is. */
  const holes: number[] = []
  let significant = '' // what stands before, to tell a division from a regular expression
  for (let i = 0; i < text.length; ) {
    const c = text[i] ?? ''
    const two = text.slice(i, i + 2)
    if (two === '//' || two === '/*') {
      const close = two === '//' ? text.indexOf('\n', i) : text.indexOf('*/', i + 2) + 2
      const end = close <= 1 ? text.length : close
      mark(i, end, 'comment')
      i = end
    } else if (c === "'" || c === '"') {
      const end = endOfString(text, i, c)
      texts.push({ text: text.slice(i + 1, end - 1), line: lineAt(i) })
      mark(i + 1, end - 1, 'text')
      significant = c
      i = end
    } else if (c === '`' || (c === '}' && holes.at(-1) === 0)) {
      if (c === '}') holes.pop()
      const [end, opens] = endOfTemplate(text, i + 1)
      texts.push({ text: text.slice(i + 1, end), line: lineAt(i) })
      mark(i + 1, end, 'text')
      if (opens) holes.push(0)
      significant = opens ? '{' : '`'
      i = end + (opens ? 2 : 1)
    } else if (c === '/' && startsRegex(significant)) {
      const end = endOfRegex(text, i)
      mark(i + 1, end - 1, 'text')
      significant = '/'
      i = end
    } else {
      const hole = holes.length - 1
      if (hole >= 0 && (c === '{' || c === '}')) holes[hole] = (holes[hole] ?? 0) + (c === '{' ? 1 : -1)
      if (/\S/.test(c))
        significant = /\w/.test(c) && /\w$/.test(significant) && /\w/.test(text[i - 1] ?? '') ? significant + c : c
      i++
    }
  }
  const only = (...wanted: Kind[]) =>
    [...text].length === text.length
      ? text.replaceAll(/[^\n]/g, (c, at: number) => (wanted.includes(kinds[at] ?? 'code') ? c : ' '))
      : Array.from({ length: text.length }, (_, at) =>
          text[at] === '\n' || wanted.includes(kinds[at] ?? 'code') ? text[at] : ' ',
        ).join('')
  return {
    code: only('code').split('\n'),
    comments: only('comment').split('\n'),
    uncommented: only('code', 'text'),
    texts,
  }
}

function endOfString(text: string, from: number, quote: string): number {
  let i = from + 1
  while (i < text.length && text[i] !== quote && text[i] !== '\n') i += text[i] === '\\' ? 2 : 1
  return i + 1
}

/** Where the template's text ends, and whether with `${`. */
function endOfTemplate(text: string, from: number): [number, boolean] {
  let i = from
  while (i < text.length && text[i] !== '`' && text.slice(i, i + 2) !== '${') i += text[i] === '\\' ? 2 : 1
  return [i, text[i] === '$']
}

function endOfRegex(text: string, from: number): number {
  let inClass = false
  let i = from + 1
  for (; i < text.length && text[i] !== '\n' && (inClass || text[i] !== '/'); i++) {
    if (text[i] === '\\') i++
    else if (text[i] === '[') inClass = true
    else if (text[i] === ']') inClass = false
  }
  return i + 1
}

const startsRegex = (before: string) =>
  before === '' ||
  /^[([{,;:=!&|?+\-*%~^<>]$/.test(before) ||
  /^(return|typeof|case|in|of|else|do|void|await|yield)$/.test(before)
