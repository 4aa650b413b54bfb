// Beyond the document: what happens to a program's customer, pushed over its WebSocket after user.subscribe. Balances,
// deposits and withdrawals, in the shapes that the record pages have.
// Must stay true: a push says how things are when it is sent; who was away reads the pages; it ends with its key.

import { seconds } from '../../base/clock.ts'
import { Refusal } from '../../base/errors.ts'
import { isKeyAlive, type Program } from '../../domain/api-key/authenticate-key.ts'
import { recordsIn, recordsOut } from '../../domain/api-key/program-records.ts'
import type { Bank } from '../../domain/context.ts'
import { type LiveEvent, listen } from '../../domain/notice/live-events.ts'
import { balancesOf } from './account.ts'
import { wireIn, wireOut } from './records.ts'

export const channels = ['balance', 'deposit', 'withdrawal'] as const
export type Channel = (typeof channels)[number]

const ALIVE_EVERY = seconds(2)
/** Several events of one movement make one push of balances. */
const GATHERED = 100

/** Refuses `InvalidParams`. Without a list: all of them. */
export function readChannels(text: string | undefined): readonly Channel[] {
  if (text === undefined || text === '') return channels
  const names = text.split(',')
  const known = channels.filter((channel) => names.includes(channel))
  if (known.length === new Set(names).size) return known
  throw new Refusal('InvalidParams', { pointer: '/params/channels', reason: `of ${channels.join(',')}` })
}

/** Begins to push; ends with the function that it answers, or by itself with the key. */
export async function push(
  bank: Bank,
  program: Program,
  wanted: readonly Channel[],
  send: (text: string) => void,
): Promise<() => void> {
  let over = false
  let gathering: NodeJS.Timeout | undefined
  const say = (event: string, data: unknown) => {
    if (!over) send(JSON.stringify({ event, data, ts: bank.clock.now().getTime() }))
  }
  const attempt = (work: () => Promise<void>) => {
    work().catch((error: unknown) => bank.log.warn({ err: error }, 'a push could not be made'))
  }
  const pushBalance = () => {
    gathering ??= setTimeout(() => {
      gathering = undefined
      attempt(async () => say('balance', await balancesOf(bank, program, 'main')))
    }, GATHERED)
  }
  const tell = (live: LiveEvent) => {
    if (live.kind === 'reset') return say('reset', null)
    if (live.kind !== 'happened') return
    const { type, data } = live.event
    if (wanted.includes('balance')) pushBalance()
    const [what = ''] = type.split('.')
    if (typeof data.id !== 'string') return
    const filter = { ids: [data.id], limit: 1 }
    if (what === 'deposit' && wanted.includes('deposit'))
      attempt(async () => {
        for (const record of await recordsIn(bank, program, filter, 'deposit')) say('deposit', wireIn(bank, record))
      })
    if (what === 'withdrawal' && wanted.includes('withdrawal'))
      attempt(async () => {
        for (const record of await recordsOut(bank, program, filter, 'withdrawal'))
          say('withdrawal', wireOut(bank, record))
      })
  }
  const { bookId, personNo } = program
  const leave = await listen(bank, { bookId, personNo, tell })
  const check = setInterval(() => {
    attempt(async () => {
      if (await isKeyAlive(bank, program)) return
      say('end', { reason: 'the key has ended' })
      end()
    })
  }, ALIVE_EVERY)
  const end = () => {
    over = true
    clearInterval(check)
    clearTimeout(gathering)
    leave()
  }
  return end
}
