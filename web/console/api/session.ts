// Who works here now, and what they may do. Must stay true: a page that nobody touches for a quarter of an hour signs out,
// in every tab at once; what was shown is dropped with the session.

import { queryClient } from '../../kit/query-client.ts'
import { Signal, useSignal } from '../../kit/signal.ts'
import { ask, askOpen, type Data, onSessionEnd, type Route } from './ask.ts'

export type Role = 'support' | 'risk' | 'finance' | 'admin'
type Me = Data<'GET /auth/me'>
export type State =
  | { at: 'unknown' }
  | { at: 'out'; why: 'never' | 'ended' | 'idle' | 'left' }
  | { at: 'in'; me: Me; rights: ReadonlyMap<string, readonly string[]> }

const IDLE = 15 * 60_000
const TOUCHED = 'unipay.console.touched'
export const session = new Signal<State>({ at: 'unknown' })
const tabs = new BroadcastChannel('unipay.console')
tabs.onmessage = ({ data }) => (data === 'out' ? leave('left') : data === 'in' && void resume())

function leave(why: 'ended' | 'idle' | 'left'): void {
  if (session.value.at === 'out') return
  queryClient.clear()
  session.set({ at: 'out', why: why === 'ended' && session.value.at === 'unknown' ? 'never' : why })
}
onSessionEnd(() => leave('ended'))

/** At the start: goes on with the session of this browser, unless nobody was there for too long. */
export async function resume(): Promise<void> {
  if (Date.now() - touchedAt() > IDLE) return signOut('idle')
  try {
    await enter()
  } catch {
    leave('ended')
  }
}

async function enter(): Promise<void> {
  const [me, rights] = await Promise.all([ask('GET /auth/me'), ask('GET /auth/rights')])
  touch()
  session.set({ at: 'in', me, rights: new Map(rights.map(({ route, roles }) => [route, roles])) })
}

export async function signIn(email: string, password: string, code: string): Promise<void> {
  const { token } = await askOpen('POST /auth/sign-in', { body: { email, password, totp_code: code } })
  await keep(token)
}

/** The token of a sign-in goes into the cookie, and is forgotten here. */
export async function keep(token: string): Promise<void> {
  touch()
  await askOpen('POST /auth/web-session', { body: {} }, token)
  await enter()
  tabs.postMessage('in')
}

export async function signOut(why: 'idle' | 'left' = 'left'): Promise<void> {
  await ask('POST /auth/sign-out', { body: {} }).catch(() => undefined)
  leave(why)
  tabs.postMessage('out')
}

const touchedAt = (): number => Number.parseInt(localStorage.getItem(TOUCHED) ?? '', 10) || Date.now()
function touch(): void {
  localStorage.setItem(TOUCHED, `${Date.now()}`)
}

let noted = 0
for (const kind of ['pointerdown', 'keydown', 'wheel'] as const) {
  addEventListener(
    kind,
    () => {
      if (Date.now() - noted < 5_000 || session.value.at !== 'in') return
      noted = Date.now()
      touch()
    },
    { passive: true },
  )
}
setInterval(() => {
  if (session.value.at === 'in' && Date.now() - touchedAt() > IDLE) void signOut('idle')
}, 5_000)

export function useMe(): Me {
  const state = useSignal(session)
  if (state.at !== 'in') throw new Error('nobody is signed in')
  return state.me
}

export interface May {
  may: boolean
  /** Who may. */
  roles: readonly string[]
}

/** Whether who is signed in may use a route, by what the server itself says. */
export function useMay(route: Route): May {
  const state = useSignal(session)
  if (state.at !== 'in') return { may: false, roles: [] }
  const roles = state.rights.get(route) ?? []
  return { may: roles.length === 0 || roles.some((role) => state.me.roles.includes(role)), roles }
}
