// What an address is by its look, before the server has the last word: which chains it can be on.
// Must stay true: it never says that an address is right, only where it cannot be.

export type Family = 'evm' | 'tron'

export function familyOf(text: string): Family | undefined {
  const address = text.trim()
  if (/^0x[0-9a-fA-F]{40}$/.test(address)) return 'evm'
  if (/^T[1-9A-HJ-NP-Za-km-z]{33}$/.test(address)) return 'tron'
  return undefined
}

/** What a wallet's QR code holds: an address, or a link that begins with the chain. */
export const addressIn = (text: string): string =>
  /(?:0x[0-9a-fA-F]{40}|T[1-9A-HJ-NP-Za-km-z]{33})/.exec(text.trim())?.[0] ?? text.trim()
