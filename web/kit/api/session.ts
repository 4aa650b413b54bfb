// Who is signed in on this page. The access token lives in this module alone; the refresh token in a cookie that no
// script can read (PUT, POST, DELETE /api/auth/web-session).
// Must stay true: many requests that find the token stale ask for one new one; signing out in one tab is heard in all.

import { Signal } from '../signal.ts'
import { ApiError, addressOf, type DataOf, type Extras, type Given, type OperationName, read, send } from './http.ts'

export type SessionState = 'unknown' | 'in' | 'out' | 'offline'

const PATH = '/api/auth/web-session'
/** Says only that there may be a cookie: without it, strangers' first screens would ask in vain. */
const HINT = 'unipay.signed-in'

let token: string | undefined
let turning: Promise<string> | undefined
export const sessionState = new Signal<SessionState>('unknown')
const tabs = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel('unipay.session')
if (tabs) tabs.onmessage = ({ data }) => data === 'out' && forget()
const leaving = new Set<() => void>()

/** What is kept on this machine for the person who was signed in is dropped with the session. */
export const onSignOut = (drop: () => void): void => void leaving.add(drop)

/** After a sign-in: the cookie takes over, and the token that this script saw is spent. */
export async function keepSession(refreshToken: string): Promise<void> {
  const answer = await send('PUT', PATH, { body: { refresh_token: refreshToken }, keepalive: true })
  token = ((await read(answer)) as { access_token: string }).access_token
  localStorage.setItem(HINT, '1')
  sessionState.set('in')
}

/** At the start: goes on with the session of this browser, if there is one. */
export async function resumeSession(): Promise<void> {
  if (localStorage.getItem(HINT) !== '1') return sessionState.set('out')
  try {
    await turn()
    sessionState.set('in')
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) forget()
    else sessionState.set('offline')
  }
}

/** A new access token for the cookie; many who ask at once get the same. */
function turn(): Promise<string> {
  turning ??= send('POST', PATH, { body: {}, keepalive: true })
    .then(read)
    .then((data) => {
      token = (data as { access_token: string }).access_token
      if (sessionState.value === 'offline') sessionState.set('in')
      return token
    })
    .finally(() => {
      turning = undefined
    })
  return turning
}

export async function endSession(): Promise<void> {
  try {
    await read(await send('DELETE', PATH, { keepalive: true }))
  } finally {
    forget()
    tabs?.postMessage('out')
  }
}

function forget(): void {
  token = undefined
  localStorage.removeItem(HINT)
  for (const drop of leaving) drop()
  sessionState.set('out')
}

/** Asks as whoever is signed in. A stale token is renewed once; a session that is over ends here. */
export async function askSigned(
  verb: string,
  address: string,
  options: Parameters<typeof send>[2] = {},
): Promise<Response> {
  const first = token ?? (await turnOrLeave())
  const answer = await send(verb, address, { ...options, token: first })
  if (answer.status !== 401) return answer
  if (token === first) token = undefined
  return send(verb, address, { ...options, token: token ?? (await turnOrLeave()) })
}

async function turnOrLeave(): Promise<string> {
  try {
    return await turn()
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) forget()
    throw error
  }
}

const open =
  /^(POST|GET) \/api\/auth\/(code\/send|register|login|login\/2fa\/(send|verify)|refresh|password\/reset|web-session)$/

/** `api('GET /api/account/balance')`: the operation's data, or an ApiError. */
export async function api<N extends OperationName>(name: N, ...given: Given<N>): Promise<DataOf<N>> {
  const input = (given[0] ?? {}) as { path?: object; query?: object; body?: unknown } & Extras
  const [verb, address] = addressOf(name, input)
  const options = {
    ...(verb === 'GET' ? {} : { body: input.body ?? {} }),
    ...(input.idempotencyKey === undefined ? {} : { headers: { 'idempotency-key': input.idempotencyKey } }),
    signal: input.signal,
  }
  const answer = open.test(name) ? await send(verb, address, options) : await askSigned(verb, address, options)
  return (await read(answer)) as never
}
