// Questions to the person at the terminal whose answers nobody else should see: passphrases and the words of a backup.
// Must stay true: answers are not echoed, not stored and not logged; questions go to stderr, so that stdout holds results
// alone. From a pipe an answer is a line.

import { createInterface } from 'node:readline'
import { WrongUsage } from './command.ts'

export interface Answers {
  /** The next answer, unseen. */
  hidden(question: string): Promise<string>
  /** Waits for Enter. */
  enter(question: string): Promise<void>
}

const write = (text: string) => process.stderr.write(text)

export async function withAnswers<T>(work: (answers: Answers) => Promise<T>): Promise<T> {
  const { next, close } = process.stdin.isTTY ? keys() : lines()
  try {
    return await work({
      async hidden(question) {
        write(`${question}: `)
        const answer = await next()
        write('\n')
        return answer
      },
      async enter(question) {
        write(`${question} `)
        await next()
        write('\n')
      },
    })
  } finally {
    close()
  }
}

function lines() {
  const reader = createInterface({ input: process.stdin })
  const read = reader[Symbol.asyncIterator]()
  return {
    async next(): Promise<string> {
      const { value, done } = await read.next()
      if (done) throw new WrongUsage('the input ended before every question was answered')
      return value
    },
    close: () => reader.close(),
  }
}

/** Key by key, as a terminal that echoes nothing gives them. */
function keys() {
  const { stdin } = process
  stdin.setEncoding('utf8')
  return {
    next: () =>
      new Promise<string>((resolve, reject) => {
        let typed = ''
        const end = (settle: () => void) => {
          stdin.off('data', read)
          stdin.setRawMode(false)
          stdin.pause()
          settle()
        }
        const read = (chunk: string) => {
          for (const key of chunk) {
            if (key === '\r' || key === '\n') return end(() => resolve(typed))
            if (key === '\u0003') return end(() => reject(new WrongUsage('stopped')))
            typed = key === '\u007f' || key === '\b' ? typed.slice(0, -1) : typed + key
          }
        }
        stdin.setRawMode(true)
        stdin.resume()
        stdin.on('data', read)
      }),
    close: () => stdin.pause(),
  }
}
