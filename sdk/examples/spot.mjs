// The spot API: a key that a customer makes in the app, and a program that uses it.
// Run it beside `npm start`: node sdk/examples/spot.mjs

import { createSpotClient } from '@unipay/sdk'
import { baseUrl, fund, newCustomer, pin } from './sandbox.mjs'

const alice = await newCustomer('alice')
const bob = await newCustomer('bob')
await fund(alice.app, '100')
const { id: apiKey, secret } = await alice.app.createApiKey({
  name: 'example',
  scopes: ['read', 'transfer', 'withdraw'],
  payment_password: pin,
})

const spot = createSpotClient({ baseUrl, apiKey, secret })
const [usdt] = await spot.account()
console.log('balance:', usdt.balance) // a text: numbers keep their digits

const transfer = { coin: 'USDT', amount: '12.5', toType: 'uid', toUid: bob.user.uid.slice(1), outBizId: 'order-1' }
const id = await spot.insideTransfer(transfer)
console.log('once:', id === (await spot.insideTransfer(transfer)))

const [record] = await spot.recordsOut({ id })
console.log('record:', record.amount, record.status)
