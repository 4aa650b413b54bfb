// What the launcher says on the terminal: how far the start is, and the children's warnings in words a person can read.
// The children's full logs are JSON lines in files; nothing here is parsed by a machine.

const began = performance.now()
const elapsed = () => `${((performance.now() - began) / 1000).toFixed(1)} s`

const isTerminal = process.stdout.isTTY === true
const colour = (code: number, text: string) => (isTerminal ? `\u001b[${code}m${text}\u001b[0m` : text)

export const say = (text: string): void => {
  process.stdout.write(`${text}\n`)
}

/** One step of the start is done. */
export const step = (text: string): void => say(`${elapsed().padStart(8)}  ${text}`)

export const complain = (text: string): void => {
  process.stderr.write(`${colour(31, text)}\n`)
}

const WARN = 40
const ERROR = 50
const QUIET = 10_000 // the same line again within this is only counted

const shown = new Map<string, { at: number; more: number }>()

/** Shows a line of a child's output when a person should see it: warnings, errors, and whatever is no log line at all. */
export function showChildLine(child: string, line: string): void {
  const entry = parse(line)
  if (entry && entry.level < WARN) return
  const text = entry ? describe(entry) : line
  const key = `${child} ${entry ? entry.msg : line}`
  const before = shown.get(key)
  if (before && Date.now() - before.at < QUIET) {
    before.more++
    return
  }
  if (shown.size > 1_000) shown.clear()
  shown.set(key, { at: Date.now(), more: 0 })
  const again = before && before.more > 0 ? ` (and ${before.more} times before)` : ''
  const severe = (entry?.level ?? WARN) >= ERROR
  const time = new Date().toTimeString().slice(0, 8)
  process.stderr.write(`${colour(90, time)}  ${colour(severe ? 31 : 33, child)}  ${text}${again}\n`)
}

interface Entry {
  level: number
  msg: string
  rest: Record<string, unknown>
}

function parse(line: string): Entry | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    const { level, msg, time: _time, process: _process, ...rest } = JSON.parse(line) as Record<string, unknown>
    return typeof level === 'number' ? { level, msg: String(msg ?? ''), rest } : undefined
  } catch {
    return undefined
  }
}

function describe({ msg, rest }: Entry): string {
  const details = Object.entries(rest).map(([name, value]) => {
    const error = name === 'err' ? (value as { message?: unknown } | null)?.message : undefined
    return error === undefined
      ? `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`
      : `(${String(error)})`
  })
  return [msg, ...details].join('  ')
}
