// Randomness where there is Web Crypto (browsers, Node from 19 on) and in Node 18, which keeps it in a module.
// Must stay true: nothing here is loaded in a browser that has it; the name of the module is no literal, so that bundlers
// for browsers do not look for it.

const NODE_CRYPTO = 'node:crypto'
let source = globalThis.crypto

/** Lower-case hex digits, two a byte. */
export async function randomHex(bytes) {
  source ??= (await import(/* @vite-ignore */ /* webpackIgnore: true */ NODE_CRYPTO)).webcrypto
  const made = source.getRandomValues(new Uint8Array(bytes))
  return Array.from(made, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
