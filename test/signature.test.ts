// Signatures: as RFC 6979 says, low-s, with nonces that look like chance; and a key port is believed nothing.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { secp256k1 } from '@noble/curves/secp256k1.js'
import { sha256 } from '../src/base/crypto.ts'
import { type KeyPort, signDigest, signWithKey } from '../src/signer/key-port.ts'
import { signerKeystore } from './harness/signer-process.ts'

const order = secp256k1.Point.Fn.ORDER
const bytes = (n: bigint) => Buffer.from(n.toString(16).padStart(64, '0'), 'hex')
const hex = (n: bigint) => n.toString(16).padStart(64, '0')

test('the vectors that other implementations of RFC 6979 on this curve agree on', () => {
  const vectors = [
    [
      1n,
      'Satoshi Nakamoto',
      '934b1ea10a4b3c1757e2b0c017d0b6143ce3c9a7e6a4a49860d7a6ab210ee3d8',
      '2442ce9d2b916064108014783e923ec36b49743e2ffa1c4496f01a512aafd9e5',
    ],
    [
      1n,
      'All those moments will be lost in time, like tears in rain. Time to die...',
      '8600dbd41e348fe5c9465ab92d23e3db8b98b873beecd930736488696438cb6b',
      '547fe64427496db33bf66019dacbf0039c04199abb0122918601db38a72cfc21',
    ],
    [
      order - 1n,
      'Satoshi Nakamoto',
      'fd567d121db66e382991534ada77a6bd3106f0a1098c231e47993447cd6af2d0',
      '6b39cd0eb1bc8603e159ef5c20a5c8ad685a45b06ce9bebed3f153d10d93bed5',
    ],
    [
      0xf8b8af8ce3c7cca5e300d33939540c10d45ce001b8f252bfbc57ba0342904181n,
      'Alan Turing',
      '7063ae83e7f62bbb171798131b4a0564b956930092b33b07b395615d9ec7e15c',
      '58dfcc1e00a35e1572f366ffe34ba0fc47db1e7189759b9fb233c5b05ab388ea',
    ],
  ] as const
  for (const [key, message, r, s] of vectors) {
    const signature = signWithKey(bytes(key), sha256(message))
    assert.deepEqual([hex(signature.r), hex(signature.s)], [r, s])
  }
})

test('ten thousand: no r twice, all low-s, and neither r nor the nonce leans anywhere', () => {
  const key = BigInt(`0x${sha256('a key of this test').toString('hex')}`)
  const { Fn } = secp256k1.Point
  const seen = new Set<bigint>()
  const counts = Array.from({ length: 4 }, () => new Array<number>(256).fill(0))
  const count = (which: number, byte: bigint) => {
    const of = counts[which] ?? []
    of[Number(byte)] = (of[Number(byte)] ?? 0) + 1
  }
  const half = order / 2n
  const many = 10_000
  for (let i = 0; i < many; i++) {
    const digest = sha256(`message ${i}`)
    const { r, s } = signWithKey(bytes(key), digest)
    seen.add(r)
    assert.ok(s <= half)
    const nonce = Fn.div(Fn.create(BigInt(`0x${digest.toString('hex')}`) + r * key), s)
    for (const [which, n] of [r, nonce].entries()) {
      count(which * 2, n >> 248n)
      count(which * 2 + 1, n & 255n)
    }
  }
  assert.equal(seen.size, many)
  const expected = many / 256
  for (const each of counts) {
    const chiSquare = each.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
    assert.ok(chiSquare < 330.52, `chi-square ${chiSquare} of 255 degrees of freedom: p < 0.001`)
  }
})

const path = "m/44'/60'/1'/0/0"
const digest = sha256('anything')

test('the keystore signs for the paths of wallets, and for nothing above or beside them', async () => {
  const { keys } = signerKeystore
  await signDigest(keys, path, digest)
  const wrong = [
    'm',
    "m/44'/60'/1'",
    "m/44'/60'/1'/0",
    "m/44'/60'/2'/0/0",
    "m/44'/0'/1'/0/0",
    "m/44'/60'/1'/0'/0",
    "m/44'/60'/1'/0/0/0",
    "m/44'/60'/1'/-1/0",
    '',
  ]
  for (const other of wrong) await assert.rejects(keys.sign(other, digest), /no path of a wallet/, other)
  await assert.rejects(signDigest(keys, path, Buffer.alloc(31)), /32 bytes/)
})

test('a port that signs with another key, another digest or a high s is not believed', async () => {
  const { keys } = signerKeystore
  const lies: KeyPort['sign'][] = [
    (_, asked) => keys.sign("m/44'/60'/1'/0/1", asked),
    () => keys.sign(path, sha256('something else')),
    async (...asked) => {
      const { r, s, recovery } = await keys.sign(...asked)
      return { r, s: order - s, recovery: recovery === 0 ? 1 : 0 }
    },
    async (...asked) => {
      const { r, s, recovery } = await keys.sign(...asked)
      return { r, s, recovery: recovery === 0 ? 1 : 0 }
    },
    async () => ({ r: 0n, s: 0n, recovery: 0 }),
  ]
  for (const sign of lies) await assert.rejects(signDigest({ ...keys, sign }, path, digest))
})
