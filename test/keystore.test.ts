// The seed on disk, and what is derived from its public half.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { HDKey } from '@scure/bip32'
import { mnemonicToSeedSync } from '@scure/bip39'
import { mnemonicToAccount } from 'viem/accounts'
import { deriveAddress, showAddress } from '../src/domain/chain/address.ts'
import { openKeystore } from '../src/signer/keystore.ts'
import { KeystoreError, ownPassphrase } from '../src/signer/seed-file.ts'
import { accountPath } from '../src/signer/wallet-address.ts'

let dir: string
before(() => {
  dir = fs.mkdtempSync(path.join(os.tmpdir(), 'unipay-keystore-'))
})
after(() => fs.rmSync(dir, { recursive: true, force: true }))

const at = new Date('2026-01-01T00:00:00Z')
const passphrase = 'a passphrase of some length'

test('addresses are those that every wallet derives from the same words', () => {
  const words = 'test test test test test test test test test test test junk'
  const xpub = HDKey.fromMasterSeed(mnemonicToSeedSync(words)).derive(accountPath.evm.deposit).publicExtendedKey
  for (const addressIndex of [0, 1, 2, 77, 1_000_000]) {
    const expected = mnemonicToAccount(words, { addressIndex }).address
    assert.equal(showAddress({ family: 'evm' }, deriveAddress('evm', xpub, 1, addressIndex)), expected)
    const secondBook = mnemonicToAccount(words, { path: `m/44'/60'/0'/1/${addressIndex}` }).address
    assert.equal(deriveAddress('evm', xpub, 2, addressIndex), secondBook.toLowerCase())
  }
})

test('made once, for its owner only, and the same ever after; another folder has another seed', () => {
  const made = openKeystore(path.join(dir, 'a'), passphrase, at).publicKeyAt(accountPath.evm.deposit)
  const file = path.join(dir, 'a/seed.json')
  const bytes = fs.readFileSync(file, 'utf8')
  assert.match(made, /^xpub/)
  assert.equal(openKeystore(path.join(dir, 'a'), passphrase, at).publicKeyAt(accountPath.evm.deposit), made)
  assert.equal(fs.readFileSync(file, 'utf8'), bytes)
  assert.equal(fs.statSync(file).mode & 0o777, 0o600)
  assert.equal(fs.statSync(path.join(dir, 'a')).mode & 0o777, 0o700)
  assert.deepEqual(fs.readdirSync(path.join(dir, 'a')), ['seed.json'])
  assert.notEqual(openKeystore(path.join(dir, 'b'), passphrase, at).publicKeyAt(accountPath.evm.deposit), made)
  assert.ok(!/abandon|xprv/.test(bytes))
})

test('a wrong passphrase, a changed byte, a short passphrase: refused in a sentence, and nothing is overwritten', () => {
  const file = path.join(dir, 'a/seed.json')
  const bytes = fs.readFileSync(file, 'utf8')
  const refused = (word: string) => assert.throws(() => openKeystore(path.join(dir, 'a'), word, at), KeystoreError)
  refused('another passphrase')
  refused('short')
  const content = JSON.parse(bytes) as { sealed: string }
  const sealed = Buffer.from(content.sealed, 'base64')
  for (const index of [1, 13, sealed.length - 1]) {
    const bent = Buffer.from(sealed)
    bent.writeUInt8(bent.readUInt8(index) ^ 1, index)
    fs.writeFileSync(file, JSON.stringify({ ...content, sealed: bent.toString('base64') }))
    refused(passphrase)
  }
  fs.writeFileSync(file, bytes.slice(0, 100))
  refused(passphrase)
  assert.equal(fs.readFileSync(file, 'utf8'), bytes.slice(0, 100))
  fs.writeFileSync(file, bytes)
  openKeystore(path.join(dir, 'a'), passphrase, at)
})

test('the sandbox makes its own passphrase once', () => {
  const own = ownPassphrase(path.join(dir, 'c'))
  assert.ok(own.length >= 40)
  assert.equal(ownPassphrase(path.join(dir, 'c')), own)
  assert.equal(fs.statSync(path.join(dir, 'c/passphrase')).mode & 0o777, 0o600)
})
