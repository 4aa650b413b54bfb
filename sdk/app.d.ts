// Types of sdk/app.js.
// Must stay true: they say what the client takes and answers, and nothing else.

import type { ClientOptions, Methods } from './call.js'
import type { AppOperations } from './types/app.js'

export type { CallOptions } from './call.js'
export type { AppOperations } from './types/app.js'
export { UnipayError } from './unipay-error.js'

export interface AppTokens {
  accessToken?: string | undefined
  refreshToken?: string | undefined
}

export interface AppOptions extends ClientOptions, AppTokens {
  /** Of sentences for the customer: `en` where nothing is said, or `zh-CN`. */
  language?: string
  /** Called with every new pair of tokens, to keep them: a refresh token is good for one renewal. */
  onTokens?: (tokens: AppTokens) => void
}

export interface AppEvent {
  /** Opaque; the last one you handled is where a later `events` goes on. */
  id: string | undefined
  /** Such as `transfer.completed`. `ready` at each connection: read anew what you show. `end`: the session ended. */
  type: string
  data: Record<string, unknown>
}

export type AppClient = Methods<AppOperations> & {
  /** What happens to the customer, as it happens; connections that end are opened again where they ended. */
  events(from?: { lastEventId?: string; signal?: AbortSignal }): AsyncGenerator<AppEvent, void>
  tokens(): AppTokens
  useTokens(tokens: AppTokens): void
}

/** Signing in by one of its methods, or tokens from elsewhere, make it the customer's. */
export function createAppClient(options: AppOptions): AppClient
