// Operators for tests: invited as from the shell, joined and signed in through HTTP, with an authenticator of their own.

import assert from 'node:assert/strict'
import { Secret, TOTP } from 'otpauth'
import type { Clock } from '../../src/base/clock.ts'
import { inviteOperator } from '../../src/domain/operator/operator.ts'
import type { Role } from '../../src/domain/operator/role.ts'
import type { World } from './customers.ts'

export interface ConsoleAnswer<D = Record<string, unknown>> {
  status: number
  headers: Headers
  text: string
  data: D
  /** Code of the refusal; empty when there is none. */
  error: string
  details: Record<string, unknown>
}

export interface TestOperator {
  id: string
  email: string
  password: string
  name: string
  secret: string
  token: string
}

export const operatorPassword = 'four eyes see 更多 than two'

/** One request to the console, from an address of its own when one is given. */
export async function consoleCall<D = Record<string, unknown>>(
  world: Pick<World, 'url'>,
  token: string | undefined,
  method: string,
  path: string,
  body?: object | string,
  headers: Record<string, string> = {},
): Promise<ConsoleAnswer<D>> {
  const response = await fetch(`${world.url}/console/api${path}`, {
    method,
    headers: {
      'user-agent':
        'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
      'accept-language': 'en',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const json = JSON.parse(text) as { data?: D; error?: { code: string; details: Record<string, unknown> } }
  return {
    status: response.status,
    headers: response.headers,
    text,
    data: json.data as D,
    error: json.error?.code ?? '',
    details: json.error?.details ?? {},
  }
}

/** What the authenticator shows; `steps` later or earlier. */
export const codeOf = (secret: string, now: Date, steps = 0): string =>
  new TOTP({ secret: Secret.fromBase32(secret), algorithm: 'SHA1', digits: 6, period: 30 }).generate({
    timestamp: now.getTime() + steps * 30_000,
  })

let serial = 0

/** Invites somebody and has them join. */
export async function joinOperator(world: World, roles: readonly Role[], name = 'Ann'): Promise<TestOperator> {
  const email = `operator${process.pid}x${serial++}@bank.example`
  const { operatorId, code } = await inviteOperator(world.bank, { email, name, roles })
  return { ...(await acceptAndConfirm(world, code)), id: operatorId, email, name }
}

/** The two steps of joining. */
export async function acceptAndConfirm(
  world: Pick<World, 'url'> & { clock: Clock },
  code: string,
): Promise<Pick<TestOperator, 'token' | 'secret' | 'password'>> {
  const password = operatorPassword
  const accepted = await consoleCall<{ secret: string }>(world, undefined, 'POST', '/auth/invitation/accept', {
    code,
    password,
  })
  assert.equal(accepted.status, 200, accepted.text)
  const { secret } = accepted.data
  const confirmed = await consoleCall<{ token: string }>(world, undefined, 'POST', '/auth/invitation/confirm', {
    code,
    totp_code: codeOf(secret, world.clock.now()),
  })
  assert.equal(confirmed.status, 200, confirmed.text)
  return { secret, password, token: confirmed.data.token }
}

/** Signs in with the code of the next step, as the one of now may have been used. */
export const signInAs = (
  world: World,
  operator: Pick<TestOperator, 'email' | 'password' | 'secret'>,
  change: { email?: string; password?: string; totp_code?: string } = {},
  headers: Record<string, string> = {},
) =>
  consoleCall<{ token: string }>(
    world,
    undefined,
    'POST',
    '/auth/sign-in',
    {
      email: operator.email,
      password: operator.password,
      totp_code: codeOf(operator.secret, world.clock.now()),
      ...change,
    },
    headers,
  )

/** A console call for one operator, that must succeed. */
export async function ok<D = Record<string, unknown>>(
  world: Pick<World, 'url'>,
  operator: Pick<TestOperator, 'token'>,
  method: string,
  path: string,
  body?: object,
): Promise<D> {
  const answer = await consoleCall<D>(world, operator.token, method, path, body)
  assert.equal(answer.status, 200, `${method} ${path}: ${answer.text}`)
  return answer.data
}

/** The code of the refusal, or `ok`. */
export async function outcome(
  world: Pick<World, 'url'>,
  operator: Pick<TestOperator, 'token'>,
  method: string,
  path: string,
  body?: object,
): Promise<string> {
  const answer = await consoleCall(world, operator.token, method, path, body)
  return answer.status === 200 ? 'ok' : answer.error
}

/** Proposes, and answers the approval's id. */
export const propose = async (
  world: Pick<World, 'url'>,
  maker: TestOperator,
  kind: string,
  payload: object,
  reason = 'because',
): Promise<string> => (await ok<{ id: string }>(world, maker, 'POST', `/approvals/${kind}`, { payload, reason })).id

/** Checks what an approval says now. */
export async function check(
  world: Pick<World, 'url'>,
  checker: Pick<TestOperator, 'token'>,
  id: string,
  verdict: 'approve' | 'reject' = 'approve',
  change: object = {},
): Promise<ConsoleAnswer<{ status: string }>> {
  const shown = await ok<{ hash: string }>(world, checker, 'GET', `/approvals/${id}`)
  return consoleCall<{ status: string }>(world, checker.token, 'POST', `/approvals/${id}/check`, {
    verdict,
    hash: shown.hash,
    ...change,
  })
}
