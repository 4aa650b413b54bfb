// Addresses that may be paid, and 2,000 that may not: made from good ones by every slip, trick and confusion that is known,
// and judged here by other code than the bank's. None is accepted; 500 good ones are, in their canonical form.

import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { after, before, test } from 'node:test'
import { keccak_256 } from '@noble/hashes/sha3.js'
import { hotAddress } from '../src/domain/chain/house-address.ts'
import { networkOf } from '../src/domain/chain/network.ts'
import type { Bank } from '../src/domain/context.ts'
import { readDestination } from '../src/domain/withdrawal/destination.ts'
import { accountPath } from '../src/signer/wallet-address.ts'
import { createTestDatabase, type TestDatabase } from './harness/database.ts'
import { type Draws, draws, inLanes, verdict } from './harness/ledger.ts'
import { signerKeystore } from './harness/signer-process.ts'
import { actorOf, watchedBank } from './harness/watched.ts'

const BAD = 2_000
const GOOD = 500
const COLD = '0x00c01d00c01d00c01d00c01d00c01d00c01d00c0'
const actor = actorOf(10_001n)

let base: TestDatabase
let bank: Bank
let draw: Draws
before(async () => {
  base = await createTestDatabase()
  const plain = watchedBank(base, { BSC: { contract: '0xb5cb5cb5cb5cb5cb5cb5cb5cb5cb5cb5cb5cb5cb' } })
  const keys = {
    HOT_XPUB_EVM: signerKeystore.publicKeyAt(accountPath.evm.hot),
    HOT_XPUB_TRON: signerKeystore.publicKeyAt(accountPath.tron.hot),
    COLD_ADDRESS_EVM: COLD,
  }
  bank = { ...plain, config: { ...plain.config, ...keys } }
  for (const [family, [own, theirs]] of Object.entries(deposits)) {
    await base.owner.query('', `insert into deposit_keys (book_id, family, key_print) values (1, $1, sha256('x'))`, [
      family,
    ])
    await base.owner.query(
      '',
      `insert into deposit_addresses (book_id, family, address, person_no, key_index) values (1, $1, $2, 10001, 0), (1, $1, $3, 10002, 1)`,
      [family, own, theirs],
    )
  }
  await base.owner.query(
    '',
    `insert into house_addresses (book_id, family, address, purpose) values (1, 'evm', $1, 'gas')`,
    [`0x${'9a'.repeat(20)}`],
  )
})
after(() => base?.drop())

// --- another reading of the two formats ---

const sha256 = (bytes: Uint8Array): Buffer => createHash('sha256').update(bytes).digest()
const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

function base58check(payload: Uint8Array): string {
  const whole = Buffer.concat([payload, sha256(sha256(payload)).subarray(0, 4)])
  let n = BigInt(`0x${whole.toString('hex')}`)
  let text = ''
  for (; n > 0n; n /= 58n) text = ALPHABET[Number(n % 58n)] + text
  const zeros = whole.findIndex((byte) => byte !== 0)
  return '1'.repeat(zeros) + text
}
function tronOf(bytes: string, prefix = '41'): string {
  return base58check(Buffer.from(prefix + bytes, 'hex'))
}
function eip55(bytes: string): string {
  const hash = Buffer.from(keccak_256(Buffer.from(bytes))).toString('hex')
  return `0x${[...bytes].map((c, i) => (Number.parseInt(hash[i] ?? '', 16) >= 8 ? c.toUpperCase() : c)).join('')}`
}
/** Right to the letter, by this other reading. */
function isRight(family: 'evm' | 'tron', text: string): boolean {
  if (family === 'evm') {
    const digits = text.slice(2)
    const one = digits === digits.toLowerCase() || digits === digits.toUpperCase()
    return /^0x[0-9a-fA-F]{40}$/.test(text) && (one || eip55(digits.toLowerCase()) === text)
  }
  if (text.length !== 34 || [...text].some((c) => !ALPHABET.includes(c))) return false
  let n = 0n
  for (const c of text) n = n * 58n + BigInt(ALPHABET.indexOf(c))
  const whole = n.toString(16).padStart(50, '0')
  return whole.length === 50 && whole.startsWith('41') && tronOf(whole.slice(2, 42)) === text
}

/** Deposit addresses, canonical: the actor's own and another customer's. */
const deposits = {
  evm: [`0x${'d0'.repeat(20)}`, `0x${'d1'.repeat(20)}`],
  tron: [tronOf('d2'.repeat(20)), tronOf('d3'.repeat(20))],
}

// --- what is drawn ---

const hex = (count: number) => Array.from({ length: count }, () => draw.below(16).toString(16)).join('')
const place = (text: string) => draw.below(text.length)
const put = (text: string, at: number, c: string, instead = 0) => text.slice(0, at) + c + text.slice(at + instead)
const families = { ETH: 'evm', BSC: 'evm', TRX: 'tron' } as const
type Code = keyof typeof families
interface Vector {
  code: Code
  text: string
}

function good(): Vector {
  const bytes = hex(40)
  const code = draw.pick<Code>(['ETH', 'BSC', 'TRX', 'TRX'])
  if (code === 'TRX') return { code, text: tronOf(bytes) }
  return { code, text: draw.pick([eip55(bytes), eip55(bytes), `0x${bytes}`, `0x${bytes.toUpperCase()}`]) }
}

const lookalikes: Record<string, string> = {
  a: 'а',
  e: 'е',
  c: 'с',
  o: 'о',
  B: 'В',
  C: 'С',
  T: 'Т',
  E: 'Е',
  A: 'А',
  x: 'х',
  H: 'Н',
  P: 'Р',
  K: 'К',
  M: 'М',
  '0': '０',
  '1': '１',
  '3': '３',
  '8': '８',
  l: 'ⅼ',
}
const invisible = ['\u200b', '\u200c', '\u200d', '\u2060', '\ufeff', '\u00ad', '\u202e', '\u200f', '\u3164', '\u00a0']

/** Each makes something wrong out of a good address. */
const slips: Record<string, (v: Vector) => string> = {
  'a letter of the wrong case'({ text }) {
    const letters = [...text].flatMap((c, i) => (/[a-z]/i.test(c) && i >= 2 ? [i] : []))
    const at = letters[draw.below(letters.length)] ?? 2
    const c = text[at] ?? ''
    return put(text, at, c === c.toLowerCase() ? c.toUpperCase() : c.toLowerCase(), 1)
  },
  'another digit'({ code, text }) {
    return put(text, 2 + draw.below(text.length - 2), code === 'TRX' ? (ALPHABET[draw.below(58)] ?? '') : hex(1), 1)
  },
  'two swapped'({ text }) {
    const at = 2 + draw.below(text.length - 3)
    return put(text, at, `${text[at + 1]}${text[at]}`, 2)
  },
  'one missing': ({ text }) => put(text, place(text), '', 1),
  'one too many': ({ code, text }) =>
    put(text, place(text), code === 'TRX' ? (ALPHABET[draw.below(58)] ?? '') : hex(1)),
  'letters that base58 leaves out': ({ text }) =>
    put(text, 1 + draw.below(text.length - 1), draw.pick(['0', 'O', 'I', 'l']), 1),
  'another prefix': ({ text }) =>
    draw.pick([text.replace(/^../, '0X'), text.replace(/^0x|^T/, ''), `0x${text}`, text.replace(/^./, 't')]),
  'cut short': ({ text }) => text.slice(0, 6 + draw.below(text.length - 7)),
  'shortened for people': ({ text }) => `${text.slice(0, 6)}${draw.pick(['…', '...', '****'])}${text.slice(-4)}`,
  'blanks around and within': ({ text }) =>
    draw.pick([` ${text}`, `${text} `, `\t${text}`, `${text}\n`, put(text, place(text), ' ')]),
  'nothing to be seen': ({ text }) =>
    put(text, draw.below(text.length + 1), invisible[draw.below(invisible.length)] ?? ''),
  'letters of another script'({ text }) {
    const places = [...text].flatMap((c, i) => (lookalikes[c] ? [i] : []))
    const at = places[draw.below(places.length)]
    return at === undefined ? `${text}а` : put(text, at, lookalikes[text[at] ?? ''] ?? '', 1)
  },
  'full width': ({ text }) => text.replaceAll(/[!-~]/g, (c) => String.fromCharCode(c.charCodeAt(0) + 0xfee0)),
  'as a link': ({ code, text }) =>
    draw.pick([
      `${code === 'TRX' ? 'tron' : 'ethereum'}:${text}`,
      `${text}?amount=1`,
      `${text}@56`,
      `https://etherscan.io/address/${text}`,
    ]),
  'two in one': ({ text }) => draw.pick([text + text, `${text},${text}`, `${text}\u0000${text}`]),
  'of the other family': ({ code }) => (code === 'TRX' ? eip55(hex(40)) : tronOf(hex(40))),
  'of TRON in hex': () => draw.pick([`41${hex(40)}`, `0x41${hex(40)}`, `41${hex(40)}`.toUpperCase()]),
  'of a TRON test network': () => tronOf(hex(40), draw.pick(['a0', '42', '40', '00'])),
  'of Bitcoin': () =>
    draw.pick([
      tronOf(hex(40), '00'),
      tronOf(hex(40), '05'),
      tronOf(hex(40), '6f'),
      `bc1q${hex(38).replaceAll('b', 'z').replaceAll('1', 'q')}`,
    ]),
  'of other chains': () =>
    draw.pick([
      `XE${10 + draw.below(89)}${BigInt(`0x${hex(40)}`)
        .toString(36)
        .toUpperCase()
        .padStart(31, '0')}`,
      `addr1${hex(50)}`,
      `${hex(64)}`,
      `0x${hex(64)}`,
      'vitalik.eth',
      `r${tronOf(hex(40), '00').slice(1)}`,
      `cosmos1${hex(38)}`,
      `bnb1${hex(38)}`,
    ]),
  'of nobody': ({ code }) => {
    const low = draw
      .below(2 ** 31)
      .toString(16)
      .padStart(40, '0')
    const bytes = draw.pick([
      '0'.repeat(40),
      low,
      draw.below(256).toString(16).padStart(40, '0'),
      'e'.repeat(40),
      'f'.repeat(40),
      `${'0'.repeat(36)}dead`,
    ])
    return inFamily(code, bytes)
  },
  'of a token’s contract': ({ code }) => {
    const own = bank.networks.map(({ family, contract }) =>
      family === 'evm' ? contract.slice(2) : bytesOfTron(contract),
    )
    const real = [
      'dac17f958d2ee523a2206206994597c13d831ec7',
      '55d398326f99059ff775485246999027b3197955',
      'a614f803b6fd780986a42c78ec9c7f77e6ded13c',
    ]
    const all = [...own, ...real]
    return inFamily(code, all[draw.below(all.length)] ?? '')
  },
  'of this bank': ({ code }) => {
    const hot = [hotAddress(bank, 1, 'evm')?.slice(2), bytesOfTron(hotAddress(bank, 1, 'tron') ?? '')]
    const all = [
      ...hot,
      COLD.slice(2),
      '9a'.repeat(20),
      'd0'.repeat(20),
      'd1'.repeat(20),
      'd2'.repeat(20),
      'd3'.repeat(20),
    ]
    return inFamily(code, all[draw.below(all.length)] ?? '')
  },
  'of no address at all': () =>
    draw.pick([
      '',
      '0x',
      'T',
      'null',
      'U10002',
      'alice@example.com',
      '0x0',
      '[object Object]',
      'T'.repeat(34),
      '1'.repeat(34),
      `0x${'g'.repeat(40)}`,
    ]),
}
/** What is right to the letter and leads nowhere that money should go. */
const wellFormed = new Set(['of nobody', 'of a token’s contract', 'of this bank'])

const bytesOfTron = (address: string): string => {
  let n = 0n
  for (const c of address) n = n * 58n + BigInt(ALPHABET.indexOf(c))
  return n.toString(16).padStart(50, '0').slice(2, 42)
}
const inFamily = (code: Code, bytes: string) =>
  code === 'TRX' ? tronOf(bytes) : draw.pick([eip55(bytes), `0x${bytes}`, `0x${bytes.toUpperCase()}`])

const read = (code: Code, text: string) => readDestination(bank, base.db, actor, networkOf(bank.networks, code), text)

test(`${GOOD} good addresses are accepted, in their canonical form`, async (t) => {
  draw = draws((line) => t.diagnostic(line))
  const known: Vector[] = [
    { code: 'ETH', text: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed' }, // the vectors of EIP-55
    { code: 'ETH', text: '0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359' },
    { code: 'BSC', text: '0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB' },
    { code: 'BSC', text: '0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb' },
    { code: 'ETH', text: '0x52908400098527886E0F7030069857D2E4169EE7' }, // all of one case by nature
    { code: 'ETH', text: '0xde709f2102306220921060314715629080e2fb77' },
    { code: 'TRX', text: 'TJmmqjb1DK9TTZbQXzRQ2AuA94z4gKAPFh' },
  ]
  const vectors = [...known, ...Array.from({ length: GOOD - known.length }, good)]
  await inLanes(vectors.length, 8, async (i) => {
    const { code, text } = vectors[i] ?? { code: 'ETH', text: '' }
    assert.equal(await read(code, text), code === 'TRX' ? text : text.toLowerCase(), text)
  })
})

test(`${BAD} bad ones are refused, each for what is wrong with it`, async (t) => {
  draw = draws((line) => t.diagnostic(line))
  const names = Object.keys(slips)
  const told = new Map<string, number>()
  const accepted: string[] = []
  let tried = 0
  while (tried < BAD) {
    const name = names[tried % names.length] ?? ''
    const origin = good()
    const text = slips[name]?.(origin) ?? ''
    // a slip may happen to leave the address as good as it was
    if (!wellFormed.has(name) && isRight(families[origin.code], text)) continue
    tried++
    const outcome = await verdict(read(origin.code, text))
    told.set(outcome, (told.get(outcome) ?? 0) + 1)
    if (outcome === 'ok') accepted.push(`${name}: ${origin.code} ${JSON.stringify(text)} from ${origin.text}`)
    else if (!wellFormed.has(name)) assert.equal(outcome, 'AddressInvalid', `${name}: ${text}`)
    else assert.match(outcome, /^Address(Forbidden|OfCustomer)$/, `${name}: ${text}`)
  }
  assert.deepEqual(accepted, [])
  t.diagnostic(JSON.stringify([...told]))
  assert.deepEqual([...told.keys()].sort(), ['AddressForbidden', 'AddressInvalid', 'AddressOfCustomer'])
})

test('another customer’s deposit address is refused with the way to pay them, one’s own as one’s own', async () => {
  for (const [code, [own = '', theirs = '']] of [
    ['BSC', deposits.evm],
    ['ETH', deposits.evm],
    ['TRX', deposits.tron],
  ] as const) {
    assert.equal(await verdict(read(code, theirs)), 'AddressOfCustomer')
    await assert.rejects(read(code, own), { code: 'AddressForbidden', message: /your own deposit address/ })
  }
})

test('what an address of something else is, is said', async () => {
  for (const [code, text, reason] of [
    ['TRX', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed', /EVM network/],
    ['BSC', 'TJmmqjb1DK9TTZbQXzRQ2AuA94z4gKAPFh', /TRON address/],
    ['TRX', '4160a4a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3a3', /base58/],
    ['ETH', '1BvBMSEYstWetqTFn5Au4m4GFg7xJaNVN2', /Bitcoin/],
    ['ETH', 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4', /Bitcoin/],
    ['ETH', 'XE7338O073KYGTWWZN0F2WZ0R8PX5ZPPZS', /ICAP/],
    ['ETH', '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1Beaed', /checksum/],
    ['TRX', 'TJmmqjb1DK9TTZbQXzRQ2AuA94z4gKAPFi', /checksum/],
  ] as const)
    await assert.rejects(read(code, text), { code: 'AddressInvalid', message: reason })
})
