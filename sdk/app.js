// A client of the app API, for Node and for browsers: a customer's own wallet.
// Must stay true: needs nothing that a browser has not; tokens are renewed once for all calls that wait (a refresh token is
// good for one renewal); a call that moves money goes with an Idempotency-Key, the same one at every try.

import { jsonOf, makeMethods } from './call.js'
import { followEvents } from './event-stream.js'
import { operations } from './operations/app.js'

const STREAM = { verb: 'GET', path: '/api/events', query: ['last_event_id'], once: 'reads', stream: true }
const UNAUTHORIZED = '100008'
const IN_PROGRESS = '900007'

export { UnipayError } from './unipay-error.js'

export function createAppClient(options) {
  let tokens = { accessToken: options.accessToken, refreshToken: options.refreshToken }
  let renewing

  const keep = (data) => {
    if (typeof data?.access_token !== 'string') return
    tokens = { accessToken: data.access_token, refreshToken: data.refresh_token ?? tokens.refreshToken }
    options.onTokens?.({ ...tokens })
  }

  const wire = {
    api: 'app',
    operations,
    parse: JSON.parse,
    async prepare(operation, { path, query, fields }, { operation: name, idempotencyKey }) {
      const usedToken = tokens.accessToken
      const headers = { 'accept-language': options.language ?? 'en' }
      if (!operation.open && usedToken !== undefined) headers.authorization = `Bearer ${usedToken}`
      if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey
      const address = query === '' ? path : `${path}?${query}`
      const hasBody = operation.verb !== 'GET' && Object.keys(fields).length > 0
      if (!hasBody) return { path: address, headers, usedToken }
      if (operation.form) return { path: address, headers, body: formOf(fields), usedToken }
      headers['content-type'] = 'application/json'
      return { path: address, headers, body: jsonOf(name, fields), usedToken }
    },
    open(envelope, _prepared, facts) {
      if (envelope?.code === 0 && facts.status < 300) {
        keep(envelope.data)
        return { data: envelope.data }
      }
      if (typeof envelope?.code !== 'number' || typeof envelope.message !== 'string') return undefined
      const code = String(envelope.code)
      const inProgress = code === IN_PROGRESS
      return {
        refused: {
          code,
          message: envelope.message,
          reason: envelope.name,
          details: envelope.details,
          passing: inProgress,
          busy: inProgress,
        },
      }
    },
    async recover(error, operation, { usedToken }) {
      if (error.code !== UNAUTHORIZED || operation.open || tokens.refreshToken === undefined) return false
      // whoever comes second finds the tokens renewed, or waits for who is at it
      if (usedToken !== tokens.accessToken) return true
      renewing ??= methods.refreshTokens({ refresh_token: tokens.refreshToken }).finally(() => {
        renewing = undefined
      })
      await renewing
      return true
    },
  }
  const methods = makeMethods(wire, options)

  const { stream } = makeMethods({ ...wire, operations: { stream: STREAM } }, options)

  return Object.assign(methods, {
    events: (from = {}) =>
      followEvents((id) => stream(id === undefined ? {} : { last_event_id: id }, { signal: from.signal }), from),
    tokens: () => ({ ...tokens }),
    useTokens(next) {
      tokens = { accessToken: next.accessToken, refreshToken: next.refreshToken }
    },
  })
}

function formOf(fields) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  return form
}
