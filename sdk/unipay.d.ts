// Types of sdk/unipay.js.
// Must stay true: they say what is there, and nothing else.

export { type AppClient, type AppEvent, type AppOptions, type AppTokens, createAppClient } from './app.js'
export type { CallOptions } from './call.js'
export { createPlatformClient, type PlatformClient, type PlatformOptions } from './platform.js'
export { createRampClient, type RampClient, type RampOptions } from './ramp.js'
export { ProofError, type PublishedRoot, type ReserveProof, type Verified, verifyReserveProof } from './reserves.js'
export { createSpotClient, type SpotClient, type SpotOptions } from './spot.js'
export { UnipayError } from './unipay-error.js'
export { type VerifyWebhook, verifyWebhook, WebhookError, type WebhookEvent } from './webhook.js'
