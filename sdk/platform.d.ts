// Types of sdk/platform.js.
// Must stay true: they say what the client takes and answers, and nothing else.

import type { ClientOptions, Methods } from './call.js'
import type { PlatformKey } from './signature/platform.js'
import type { PlatformOperations } from './types/platform.js'

export type { CallOptions } from './call.js'
export * from './signature/platform.js'
export type { PlatformOperations } from './types/platform.js'
export { UnipayError } from './unipay-error.js'

export interface PlatformOptions extends ClientOptions {
  baseUrl: string
  appId: string
  /** Your own, PKCS#8. */
  privateKey: PlatformKey
  /** The bank's for you, X.509. */
  platformPublicKey: PlatformKey
  /** Of the plain form, which `loginHistory` has. */
  secret?: string
  /** Of sentences: `en` where nothing is said, or `zh-CN`. */
  language?: string
  /** Milliseconds since 1970, by a clock that is right. */
  now?: () => number
}

export type PlatformClient = Methods<PlatformOperations>

export function createPlatformClient(options: PlatformOptions): PlatformClient
