// All of the SDK, for Node. Browsers take @unipay/sdk/app and @unipay/sdk/reserves: the other APIs need secrets that are no
// browser's business. Must stay true: nothing lives here.

export { createAppClient } from './app.js'
export { createPlatformClient } from './platform.js'
export { createRampClient } from './ramp.js'
export { ProofError, verifyReserveProof } from './reserves.js'
export { createSpotClient } from './spot.js'
export { UnipayError } from './unipay-error.js'
export { verifyWebhook, WebhookError } from './webhook.js'
