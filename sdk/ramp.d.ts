// Types of sdk/ramp.js.
// Must stay true: they say what the client takes and answers, and nothing else.

import type { ClientOptions, Methods } from './call.js'
import type { RampOperations } from './types/ramp.js'

export type { CallOptions } from './call.js'
export * from './signature/ramp.js'
export type { RampOperations } from './types/ramp.js'
export { UnipayError } from './unipay-error.js'

export interface RampOptions extends ClientOptions {
  baseUrl: string
  apiKey: string
  secretKey: string
  /** Of sentences: `en` where nothing is said, or `zh-CN`. */
  language?: string
  /** Milliseconds since 1970, by a clock that is right. */
  now?: () => number
}

export type RampClient = Methods<RampOperations>

export function createRampClient(options: RampOptions): RampClient
