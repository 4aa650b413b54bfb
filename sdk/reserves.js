// Verifies a customer's proof that their balance is part of what the bank says it owes (docs/reserves.md has the format).
// Plain JavaScript without dependencies, for Node from 18 on and for browsers: read it, it is the whole of it.
// Must stay true: it trusts nothing in the document that it can work out, and shares no code with the bank.

/** The largest balance that a ledger can hold. No sum may be larger, so none can wrap around. */
const MAX = 9223372036854775807n
const HASH = /^[0-9a-f]{64}$/
const UNITS = /^(0|[1-9][0-9]{0,18})$/

/** Why a proof is not good. */
export class ProofError extends Error {}

/**
 * Throws a ProofError when the proof is not good; else answers what it proves. `published` is what the bank has published
 * of the snapshot, from wherever you trust it to be the same for everybody; without it you learn only that the proof
 * fits the root that it brings along.
 */
export function verifyReserveProof(document, published = undefined) {
  const proof = typeof document === 'string' ? parse(document) : document
  const { snapshot, leaf, siblings, root, liabilities } = record(proof, 'the proof')
  need(proof.format === 'unipay-reserve-proof' && proof.version === 1, 'it is no reserve proof of version 1')
  const context = contextOf(record(snapshot, 'snapshot'))
  const { size, assets } = snapshot
  const { index, uid, salt, units } = record(leaf, 'leaf')
  need(Number.isSafeInteger(index) && index >= 0 && index < size, 'the leaf stands outside the tree')
  need(typeof uid === 'string' && uid.length > 0, 'the leaf is nobody’s')
  need(Array.isArray(siblings), 'there are no siblings')

  const owner = hash(3, context, hex(salt, 'salt'), utf8(uid))
  let node = { sums: sumsOf(units, assets, 'the leaf') }
  node.hash = hash(0, context, u64(index), owner, ...node.sums.map(u64))
  const given = [...siblings]
  let position = index
  for (let level = 0; 2 ** level < size; level++) {
    const beside = position % 2 === 0 ? position + 1 : position - 1
    // a subtree that begins behind the last customer is empty, and there is one way to be empty
    const other =
      beside * 2 ** level >= size ? pad(context, level, beside, assets.length) : siblingOf(given.shift(), assets)
    const [left, right] = position % 2 === 0 ? [node, other] : [other, node]
    position = Math.floor(position / 2)
    const sums = left.sums.map((sum, i) => sum + right.sums[i])
    for (const sum of sums) need(sum <= MAX, 'a sum is larger than a ledger can hold')
    const parts = [left, right].flatMap((child) => [child.hash, ...child.sums.map(u64)])
    node = { sums, hash: hash(1, context, u64(level + 1), u64(position), ...parts) }
  }
  need(given.length === 0, 'there are more siblings than the tree has levels')
  const found = toHex(node.hash)
  need(found === root, 'it leads to another root')
  const claimed = sumsOf(liabilities, assets, 'the liabilities')
  need(
    node.sums.every((sum, i) => sum === claimed[i]),
    'the sums of the tree are not the liabilities',
  )
  if (published !== undefined) comparePublished(proof, record(published, 'what was published'))
  return {
    snapshot: { ...snapshot },
    root: found,
    uid,
    balances: byAsset(assets, sumsOf(units, assets, 'the leaf')),
    liabilities: byAsset(assets, claimed),
    compared: published !== undefined,
  }
}

function comparePublished(proof, published) {
  need(published.id === proof.snapshot.id, 'another snapshot was published')
  need(published.root === proof.root, 'another root was published')
  for (const name of ['at', 'size']) {
    need(published[name] === proof.snapshot[name], `another ${name} was published`)
  }
}

function contextOf({ book, id, at, size, assets }) {
  need(
    Number.isSafeInteger(book) && book > 0 && typeof id === 'string' && typeof at === 'string',
    'the snapshot is unclear',
  )
  need(Number.isSafeInteger(size) && size > 0 && size < 2 ** 40, 'the size of the tree is unclear')
  need(Array.isArray(assets) && assets.length > 0 && assets.every((asset) => typeof asset === 'string'), 'no assets')
  const fields = ['unipay reserves 1', book, id, at, size, ...assets].map(String)
  return sha256(utf8(fields.map((field) => `${utf8(field).length}:${field},`).join('')))
}

function siblingOf(value, assets) {
  const { hash: text, units } = record(value, 'a sibling')
  return { hash: hex(text, 'a sibling'), sums: sumsOf(units, assets, 'a sibling') }
}

const pad = (context, level, position, assets) => ({
  hash: hash(2, context, u64(level), u64(position)),
  sums: new Array(assets).fill(0n),
})

function sumsOf(units, assets, what) {
  need(Array.isArray(units) && units.length === assets.length, `${what} has not one sum an asset`)
  return units.map((text) => {
    need(typeof text === 'string' && UNITS.test(text), `${what} has a sum that is no whole number of 0 or more`)
    const value = BigInt(text)
    need(value <= MAX, `${what} has a sum larger than a ledger can hold`)
    return value
  })
}

const byAsset = (assets, sums) => Object.fromEntries(assets.map((asset, i) => [asset, sums[i]]))

function need(condition, message) {
  if (!condition) throw new ProofError(message)
}

function record(value, what) {
  need(typeof value === 'object' && value !== null && !Array.isArray(value), `${what} is no object`)
  return value
}

function parse(text) {
  try {
    return JSON.parse(text)
  } catch {
    throw new ProofError('it is no JSON')
  }
}

// --- bytes -----------------------------------------------------------------------------------------------------------

const utf8 = (text) => new TextEncoder().encode(text)

function hex(text, what) {
  need(typeof text === 'string' && HASH.test(text), `${what} is no hash of 64 hexadecimal digits`)
  return Uint8Array.from(text.match(/../g), (pair) => Number.parseInt(pair, 16))
}

const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

function u64(value) {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(value))
  return bytes
}

function hash(tag, ...parts) {
  const bytes = new Uint8Array(1 + parts.reduce((sum, part) => sum + part.length, 0))
  bytes[0] = tag
  let at = 1
  for (const part of parts) {
    bytes.set(part, at)
    at += part.length
  }
  return sha256(bytes)
}

// --- SHA-256 (FIPS 180-4), because Node 18 and browsers share no synchronous one -------------------------------------

const K = new Uint32Array(64)
const START = new Uint32Array(8)
// the first 32 bits of the fractional parts of the cube and square roots of the first primes, in whole numbers
for (let n = 2, found = 0; found < 64; n++) {
  let prime = true
  for (let d = 2; d * d <= n; d++) if (n % d === 0) prime = false
  if (!prime) continue
  if (found < 8) START[found] = Number(root(BigInt(n) << 64n, 2n) & 0xffffffffn)
  K[found++] = Number(root(BigInt(n) << 96n, 3n) & 0xffffffffn)
}

/** The whole part of a square or cube root. */
function root(of, power) {
  let low = 0n
  let high = 1n << 64n
  while (low < high) {
    const middle = (low + high + 1n) >> 1n
    if (middle ** power <= of) low = middle
    else high = middle - 1n
  }
  return low
}

const turn = (word, by) => (word >>> by) | (word << (32 - by))

export function sha256(message) {
  const bits = BigInt(message.length) * 8n
  const padded = new Uint8Array(((message.length + 8) >> 6) * 64 + 64)
  padded.set(message)
  padded[message.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setBigUint64(padded.length - 8, bits)
  const state = Uint32Array.from(START)
  const w = new Uint32Array(64)
  for (let block = 0; block < padded.length; block += 64) {
    for (let t = 0; t < 16; t++) w[t] = view.getUint32(block + t * 4)
    for (let t = 16; t < 64; t++) {
      const s0 = turn(w[t - 15], 7) ^ turn(w[t - 15], 18) ^ (w[t - 15] >>> 3)
      const s1 = turn(w[t - 2], 17) ^ turn(w[t - 2], 19) ^ (w[t - 2] >>> 10)
      w[t] = w[t - 16] + s0 + w[t - 7] + s1
    }
    let [a, b, c, d, e, f, g, h] = state
    for (let t = 0; t < 64; t++) {
      const t1 = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[t] + w[t]) >>> 0
      const t2 = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) >>> 0
      ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) >>> 0, c, b, a, (t1 + t2) >>> 0]
    }
    ;[a, b, c, d, e, f, g, h].forEach((word, i) => {
      state[i] += word
    })
  }
  const digest = new Uint8Array(32)
  state.forEach((word, i) => {
    new DataView(digest.buffer).setUint32(i * 4, word)
  })
  return digest
}
