// The only way to a private key: a port with two calls, behind which the keystore on disk stands (keystore.ts), or a KMS
// or HSM. Must stay true: no call answers with a private key; what a port answers is checked here before anybody uses it,
// so that a port that errs, or signs with another key, costs a refused request and nothing else.

import { secp256k1 } from '@noble/curves/secp256k1.js'
import { assert } from '../base/errors.ts'

/** A signature of secp256k1 with s in the lower half; `recovery` tells which of the two public keys it is of. */
export interface Signature {
  r: bigint
  s: bigint
  recovery: 0 | 1
}

/**
 * What stands behind it must
 * - know the keys of BIP-32 paths `m/44'/60'/A'/<book − 1>/<index>` and `m/44'/195'/A'/<book − 1>/<index>`, where A is 0
 *   (deposit addresses) or 1 (hot wallets), and hand out the extended public key of each such account beforehand;
 * - sign the 32 bytes of `digest` as they are, without hashing them again;
 * - answer with s in the lower half (s > n/2: n − s, and the other recovery) and the recovery id; a KMS that answers in
 *   DER without it tries both and takes the one that gives its public key;
 * - preferably take k from RFC 6979, so that the same question has the same answer. Nothing relies on it;
 * - answer within ten seconds or throw; it may be asked the same again.
 */
export interface KeyPort {
  /** The compressed public key at a path: 33 bytes. */
  publicKey(path: string): Promise<Uint8Array>
  sign(path: string, digest: Uint8Array): Promise<Signature>
}

const HALF = secp256k1.Point.Fn.ORDER / 2n

/** Asks the port for a signature and believes it only when it is low-s and of the key at that path. */
export async function signDigest(keys: KeyPort, path: string, digest: Uint8Array): Promise<Signature> {
  assert(digest.length === 32, 'a digest has 32 bytes')
  const signature = await keys.sign(path, digest)
  const { r, s, recovery } = signature
  assert(s > 0n && s <= HALF, 'the key port answered with a signature that is not low-s')
  const bytes = new secp256k1.Signature(r, s, recovery).toBytes('recovered')
  const found = secp256k1.recoverPublicKey(bytes, digest, { prehash: false })
  assert(
    Buffer.compare(found, await keys.publicKey(path)) === 0,
    'the key port answered with a signature of another key',
  )
  return signature
}

/** What a port that has the key at hand does: RFC 6979, low-s. */
export function signWithKey(privateKey: Uint8Array, digest: Uint8Array): Signature {
  const bytes = secp256k1.sign(digest, privateKey, { prehash: false, lowS: true, format: 'recovered' })
  const { r, s, recovery } = secp256k1.Signature.fromBytes(bytes, 'recovered')
  assert(recovery === 0 || recovery === 1, 'r is larger than the curve order, which nobody has ever seen')
  return { r, s, recovery }
}
