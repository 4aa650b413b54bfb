// Types of sdk/spot.js.
// Must stay true: they say what the client takes and answers, and nothing else.

import type { ClientOptions, Methods } from './call.js'
import type { SpotOperations } from './types/spot.js'

export type { CallOptions } from './call.js'
export * from './signature/spot.js'
export type { SpotOperations } from './types/spot.js'
export { UnipayError } from './unipay-error.js'

export interface SpotOptions extends ClientOptions {
  baseUrl: string
  apiKey: string
  secret: string
  /** `en-US` where nothing is said. */
  language?: string
  /** Milliseconds since 1970, by a clock that is right. */
  now?: () => number
}

export type SpotClient = Methods<SpotOperations>

export function createSpotClient(options: SpotOptions): SpotClient
