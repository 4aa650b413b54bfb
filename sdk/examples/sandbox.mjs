// What the examples do with a bank in sandbox mode (`npm start`): a customer with a PIN and some test USDT.
// Must stay true: everything here is the public API and the sandbox's controls, as anybody would use them.

import { createAppClient } from '@unipay/sdk'

export const baseUrl = process.env.UNIPAY_URL ?? 'http://127.0.0.1:4000'
export const pin = '802437'

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds))

export async function until(what, look, patience = 30_000) {
  for (const end = Date.now() + patience; Date.now() < end; await wait(200)) {
    const found = await look()
    if (found) return found
  }
  throw new Error(`${what}: not within ${patience} ms`)
}

export async function sandbox(path, body) {
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }
  const response = await fetch(`${baseUrl}/sandbox/${path}`, body ? post : {})
  if (!response.ok) throw new Error(`${path}: ${await response.text()}`)
  return response.json()
}

/** A client that is signed in as a new customer, with the code from the sandbox's outbox. */
export async function newCustomer(name) {
  const app = createAppClient({ baseUrl })
  const contact = `${name}-${Date.now().toString(36)}@example.com`
  const password = 'correct horse battery staple'
  await app.sendCode({ contact, type: 'email', scene: 'register' })
  const code = await until('the code', async () => (await sandbox(`outbox?to=${contact}`))[0]?.code)
  const { user } = await app.register({ contact, type: 'email', code, password })
  await app.changePaymentPassword({ login_password: password, new_pin: pin })
  return { app, user }
}

/** Test USDT on the customer's own address, credited. */
export async function fund(app, amount) {
  const { address } = await app.getDepositAddress({ chain: 'BSC' })
  const { tx_hash } = await sandbox('faucet', { network: 'BSC', address, amount })
  await sandbox('mine', { network: 'BSC', blocks: 25 })
  await until('the deposit', async () => {
    const { items } = await app.listDeposits({})
    return items.some((order) => order.tx_hash === tx_hash && order.status === 'credited')
  })
}
