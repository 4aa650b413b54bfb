// A customer of the sandbox with 100 USDT and a key of the spot API, as words for a shell:
// eval "$(node sdk/examples/make-key.mjs)" sets key, secret, friend (a number that can be paid) and token.

import { fund, newCustomer, pin } from './sandbox.mjs'

const { app } = await newCustomer('alice')
const { user } = await newCustomer('bob')
await fund(app, '100')
const scopes = ['read', 'transfer', 'withdraw']
const { id, secret } = await app.createApiKey({ name: 'example', scopes, payment_password: pin })
console.log(`key=${id} secret=${secret} friend=${user.uid.slice(1)} token=${app.tokens().accessToken}`)
