// What an honest client would send to each operation of the app API, by the name of the field or parameter. A route with
// names that are not here gets an example made from its schema.

import { exampleOf, type Operation } from './app-contract.ts'
import type { Payer } from './hosted.ts'
import type { Known } from './hostile-requests.ts'

export const ABSENT_ID = '00000000-0000-7000-8000-000000000000'

const EVM_ADDRESS = '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed'
/** Of ids, by a part of the path. */
const prefixes = {
  '/inbox/': '',
  '/devices/': 'd',
  '/withdrawal/usdt/orders/': 'w',
  '/withdrawal/addresses/': 'a',
  '/remittance/recipients/': 'rc',
  '/remittance/orders/': 'rm',
  '/card/cards/': 'cd',
}
/** Of one dot. */
const FRONT = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** What a recipient of remittances and a cardholder fill in. */
const forms = (serial: number): Record<string, Record<string, unknown>> => ({
  '/remittance/': {
    recipient_id: `rc-${ABSENT_ID}`,
    account_holder: 'ZHANG SAN',
    account_number: `62220212345${String(serial).padStart(8, '0')}`,
    bank_name: 'ICBC',
    id_number: '11010519491231002X',
    msisdn: '13800138000',
    email: 'mother@example.com',
    account_currency_code: 'CNH',
    nickname: '母亲',
    amount: '100',
  },
  '/card/account': {
    first_name: 'San',
    last_name: 'Zhang',
    email: `holder${serial}@example.com`,
    country_code: 'CN',
    phone_number: '13800001234',
    date_of_birth: '1990-02-28',
    nationality: 'CN',
    id_type: 'PASSPORT',
    id_number: 'E12345678',
    id_front: FRONT,
    addr_country: 'CN',
    addr_state: 'Shanghai',
    addr_city: 'Shanghai',
    addr_line1: '南京路 1 号',
    addr_line_en: '1 Nanjing Road',
    addr_postal_code: '200000',
  },
  '/card/transfer': { from: 'main', to: 'card', amount: '20' },
})

/** `deposit` is the id of a deposit order of the customer who asks. */
export function honestInputs(other: Payer, deposit: string): Known {
  let serial = 0
  return (name, { path }) => {
    serial++
    const prefix = Object.entries(prefixes).find(([part]) => path.includes(part))?.[1]
    const form = Object.entries(forms(serial)).find(([part]) => path.includes(part))?.[1]
    if (form && Object.hasOwn(form, name)) return form[name]
    const values: Record<string, unknown> = {
      contact: `honest${serial}@example.com`,
      type: path.startsWith('/api/auth') ? 'email' : undefined,
      scene: 'register',
      code: '123456',
      password: other.password,
      old_password: other.password,
      new_password: other.password,
      login_password: other.password,
      payment_password: other.pin,
      old_payment_password: other.pin,
      new_pin: other.pin,
      to_user_id: other.id,
      amount: path.startsWith('/api/withdrawal') ? '10' : '0.01',
      to_address: EVM_ADDRESS,
      address: EVM_ADDRESS,
      expected_fee: '1',
      label: '我的钱包',
      enabled: false,
      status: 'confirmed',
      memo: '午饭',
      q: other.uid,
      chain: ['BSC', 'ETH', 'TRX'][serial % 3],
      from: 'main',
      to: 'node',
      qty: 1,
      quantity: 1,
      expected_total_usdt: '100',
      pending_id: `1.${'a'.repeat(32)}`,
      refresh_token: other.refresh,
      id: prefix === undefined ? deposit : prefix === '' ? '1' : `${prefix}-${ABSENT_ID}`,
    }
    return values[name]
  }
}

/** What the operation cannot do without, from `known` or else from its schema; nothing where it takes no body. */
export function honestBody({ body, ...operation }: Operation, known: Known, change: object = {}): string | undefined {
  if (!body) return undefined
  const entries = (body.required ?? []).map((name) => [
    name,
    known(name, { ...operation, body }) ?? exampleOf(body.properties?.[name] ?? {}),
  ])
  return JSON.stringify({ ...Object.fromEntries(entries), ...change })
}
