// The app API: two customers, a deposit, a payment, and the same payment again.
// Run it beside `npm start`: node sdk/examples/app.mjs

import { UnipayError } from '@unipay/sdk'
import { fund, newCustomer, pin } from './sandbox.mjs'

const alice = await newCustomer('alice')
const bob = await newCustomer('bob')
await fund(alice.app, '100')

const { user_id } = await alice.app.lookUpRecipient({ q: bob.user.uid })
const payment = { to_user_id: user_id, amount: '30.00', memo: 'lunch', payment_password: pin }

// Every call that moves money has an Idempotency-Key by itself. Your own one lets you repeat it, also after a restart.
const first = await alice.app.sendTransfer(payment, { idempotencyKey: 'lunch-1' })
const again = await alice.app.sendTransfer(payment, { idempotencyKey: 'lunch-1' })
console.log('one payment:', first.transfer_id === again.transfer_id)

const { total } = await alice.app.getBalance()
console.log('left:', total)

try {
  await alice.app.sendTransfer({ ...payment, amount: '1000.00' })
} catch (error) {
  if (!(error instanceof UnipayError)) throw error
  console.log('refused:', error.code, error.reason, 'again?', error.retryable)
}
