// The seed on disk, and what is derived from its public half.

import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { inspect } from 'node:util'
import { HDKey } from '@scure/bip32'
import { mnemonicToSeedSync } from '@scure/bip39'
import { TronWeb } from 'tronweb'
import { mnemonicToAccount } from 'viem/accounts'
import { sha256 } from '../src/base/crypto.ts'
import { deriveAddress, showAddress } from '../src/domain/chain/address.ts'
import { keystoreOf, newWords, openKeystore, wordsFrom } from '../src/signer/keystore.ts'
import { changePassphrase, KeystoreError, ownPassphrase } from '../src/signer/seed-file.ts'
import { accountPath, addressAt, keyPath } from '../src/signer/wallet-address.ts'

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

test('the passphrase changes, and the file before it goes when the new one was opened', () => {
  const folder = path.join(dir, 'd')
  const { fingerprint } = openKeystore(folder, passphrase, at)
  const files = () => fs.readdirSync(folder).sort()
  assert.throws(() => changePassphrase(folder, 'not this one', 'another passphrase', at), KeystoreError)
  assert.throws(() => changePassphrase(folder, passphrase, 'short', at), KeystoreError)
  assert.deepEqual(files(), ['seed.json'])
  const before = fs.readFileSync(path.join(folder, 'seed.json'))
  fs.writeFileSync(path.join(folder, 'seed.json.next'), 'what a crash left')
  changePassphrase(folder, passphrase, 'another passphrase', at)
  assert.deepEqual(files(), ['seed.former.json', 'seed.json'])
  assert.deepEqual(fs.readFileSync(path.join(folder, 'seed.former.json')), before)
  assert.throws(() => openKeystore(folder, passphrase, at), /does not open .*2026-01-01/)
  assert.deepEqual(files(), ['seed.former.json', 'seed.json'], 'the old file stays until the new one was opened')
  assert.equal(openKeystore(folder, 'another passphrase', at).fingerprint, fingerprint)
  assert.deepEqual(files(), ['seed.json'])
  assert.equal(fs.statSync(path.join(folder, 'seed.json')).mode & 0o777, 0o600)
})

test('hot, cold and deposit addresses of both families are those that wallets derive from the same words', async () => {
  const words = `${'abandon '.repeat(23)}art`
  const keystore = keystoreOf(words)
  const root = HDKey.fromMasterSeed(mnemonicToSeedSync(words))
  for (const purpose of ['deposit', 'hot'] as const) {
    for (const [book, index] of [
      [1, 0],
      [2, 7],
    ] as const) {
      const evm = mnemonicToAccount(words, { path: `${accountPath.evm[purpose]}/${book - 1}/${index}` as `m/44'/60'/` })
      assert.equal(
        await addressAt(keystore.keys, 'evm', keyPath('evm', purpose, book, index)),
        evm.address.toLowerCase(),
      )
      const path195 = keyPath('tron', purpose, book, index)
      const secret = Buffer.from(root.derive(path195).privateKey ?? []).toString('hex')
      assert.equal(await addressAt(keystore.keys, 'tron', path195), TronWeb.address.fromPrivateKey(secret))
    }
    assert.equal(
      keystore.publicKeyAt(accountPath.tron[purpose]),
      root.derive(accountPath.tron[purpose]).publicExtendedKey,
    )
  }
  const cold = mnemonicToAccount(words, { path: "m/44'/60'/2'/0/0" }).address.toLowerCase()
  assert.equal(keystore.coldAddress('evm'), cold)
  assert.match(keystore.coldAddress('tron'), /^T/)
  assert.throws(() => keystore.publicKeyAt(accountPath.evm.cold), /no account/)
  assert.match(keystore.fingerprint, /^[0-9a-f]{4}(-[0-9a-f]{4}){7}$/)
})

test('nothing of the keys can be read off the keystore, and a closed one signs no more', async () => {
  const words = newWords()
  const keystore = keystoreOf(words)
  const shown = inspect(keystore, { depth: 10, showHidden: true })
  for (const word of words.split(' ').filter((each) => each.length > 6)) assert.ok(!shown.includes(word))
  assert.ok(!shown.includes('xprv'))
  const path60 = keyPath('evm', 'hot', 1, 0)
  await keystore.keys.sign(path60, sha256('x'))
  keystore.close()
  await assert.rejects(keystore.keys.sign(path60, sha256('x')))
})

test('words are read as people type them, and refused by number when they are wrong', () => {
  const words = newWords()
  assert.equal(wordsFrom(`  ${words.toUpperCase().replaceAll(' ', '\t ')}\n`), words)
  const list = words.split(' ')
  assert.throws(() => wordsFrom(list.slice(1).join(' ')), /these are 23/)
  assert.throws(() => wordsFrom(list.with(4, 'xyzzy').join(' ')), /word 5 is not in the list/)
  // one of 256 changes goes unnoticed by the checksum, so the words here are known ones
  assert.throws(() => wordsFrom(`${'abandon '.repeat(22)}art abandon`), /two have changed places/)
})
