// What the sandbox's mail server and SMS gateway have received, newest last, kept on disk so that it survives a restart.
// Must stay true: it holds codes in the clear and belongs to the sandbox alone; it never grows beyond its cap.

import fs from 'node:fs'
import path from 'node:path'
import { writeWhole } from './write-whole.ts'

export interface Message {
  to: string
  channel: 'email' | 'sms'
  subject: string
  text: string
  /** The code of 4 to 8 digits in the text, if there is one. */
  code: string | null
  at: string
}

export interface Outbox {
  add(message: Omit<Message, 'code' | 'at'>): Message
  /** Newest first; only what went to this contact, when one is given. */
  list(to?: string, limit?: number): Message[]
}

const KEPT = 2_000

export function openOutbox(file: string): Outbox {
  fs.mkdirSync(path.dirname(file), { recursive: true })
  let messages = read(file)
  const rewrite = () => writeWhole(file, messages.map((message) => `${JSON.stringify(message)}\n`).join(''))
  rewrite()

  return {
    add(received) {
      const message = {
        ...received,
        code: codeIn(received.text) ?? codeIn(received.subject),
        at: new Date().toISOString(),
      }
      messages.push(message)
      fs.appendFileSync(file, `${JSON.stringify(message)}\n`)
      if (messages.length > 2 * KEPT) {
        messages = messages.slice(-KEPT)
        rewrite()
      }
      return message
    },
    list(to, limit = 100) {
      const wanted = to === undefined ? undefined : contactKey(to)
      const found: Message[] = []
      for (let i = messages.length - 1; i >= 0 && found.length < limit; i--) {
        const message = messages[i]
        if (message && (wanted === undefined || contactKey(message.to) === wanted)) found.push(message)
      }
      return found
    },
  }
}

function read(file: string): Message[] {
  if (!fs.existsSync(file)) return []
  const messages: Message[] = []
  for (const line of fs.readFileSync(file, 'utf8').split('\n')) {
    try {
      messages.push(JSON.parse(line) as Message)
    } catch {
      // the end of the file, or half a line of a process that was killed
    }
  }
  return messages.slice(-KEPT)
}

/** Numbers are compared by their digits: the plus sign of a query reads as a blank, and people write blanks anyway. */
const contactKey = (contact: string) =>
  contact.includes('@') ? contact.trim().toLowerCase() : contact.replace(/\D/g, '')

/** Next to the word for it where there is one; else the first group of digits of that length that is no amount and no part of an address. */
function codeIn(text: string): string | null {
  const named = /(?:code|验证码|校验码)\D{0,24}?(?<![\d.])(\d{4,8})(?![\d.]*\d)/i.exec(text)
  return named?.[1] ?? /(?<![\w.+])(\d{4,8})(?!\w|[.,]\d| ?(?:USDT|TRX))/.exec(text)?.[1] ?? null
}
