// The ramp API: an order that brings fiat in, and how it stands.
// Run it beside `npm start`: node sdk/examples/ramp.mjs

import { createRampClient } from '@unipay/sdk'
import { baseUrl, sandbox } from './sandbox.mjs'

const { apiKey, secretKey, source } = await sandbox('partner')
const ramp = createRampClient({ baseUrl, apiKey, secretKey })
const account = `user-${Date.now().toString(36)}`

const { cardStatus } = await ramp.identityStatus({ account, source })
console.log('identity:', cardStatus)

const { receiveBankName } = await ramp.receiveAccount({ source })
console.log('fiat is paid to:', receiveBankName)

const order = {
  orderNo: `A-${account}`, // yours, one order for ever: the same call again changes nothing
  account,
  source,
  legalAmount: '1000.00',
  fiatCurrency: 'php',
  countryCode: 'PH',
  firstName: 'Juan',
  middleName: '',
  lastName: 'Cruz',
  birthDate: '1990-01-31',
  noteCode: 'N10001',
}
await ramp.pushIn(order)
await ramp.pushIn(order)
const { applyStatus, currencyAmount } = await ramp.order({ orderNo: order.orderNo, source })
console.log('order:', applyStatus, currencyAmount)
