// Whether an address may become an endpoint: what can be told without asking anybody.
// Must stay true: it only spares owners a late surprise; what protects the network is the look at every delivery
// (base/guarded-fetch.ts), since a name can lead elsewhere tomorrow.

import net from 'node:net'
import { Refusal } from '../../base/errors.ts'
import { isPublicAddress } from '../../base/public-address.ts'
import type { Bank } from '../context.ts'

const MOST = 2_048
const INSIDE = /(^|\.)(localhost|local|internal|home\.arpa)\.?$/i

/** The address in its one spelling. Refuses InvalidParams with the reason. */
export function readEndpointUrl({ config }: Pick<Bank, 'config'>, text: string, pointer = '/url'): string {
  const refuse = (reason: string) => new Refusal('InvalidParams', { pointer, reason })
  if (text.length > MOST || !URL.canParse(text)) throw refuse('not an address')
  const url = new URL(text)
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw refuse('an https address')
  if (url.username !== '' || url.password !== '') throw refuse('no user and no password in the address')
  if (url.hash !== '') throw refuse('no fragment in the address')
  if (config.LOCAL_ORIGINS.has(url.origin)) return url.href
  if (url.protocol !== 'https:' && config.UNIPAY_MODE === 'live') throw refuse('an https address')
  const port = Number.parseInt(url.port || '443', 10)
  if (port < 1_024 && port !== 80 && port !== 443) throw refuse('a port of the web')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  if (net.isIP(host) !== 0 && !isPublicAddress(host)) throw refuse('an address of the public Internet')
  if (INSIDE.test(host) || (net.isIP(host) === 0 && !host.includes('.'))) throw refuse('a name of the public Internet')
  return url.href
}
