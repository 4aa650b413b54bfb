// From where a key may be used: IP addresses and networks, version 4 and 6. Must stay true: a list that holds something
// unreadable is refused when it is made, so that none lets more in than its owner meant.

import { BlockList, isIP } from 'node:net'
import { Refusal } from '../../base/errors.ts'

const MOST = 20

const plain = (ip: string): string => ip.replace(/^::ffff:(?=\d+\.)/i, '')
const familyOf = (ip: string) => (isIP(ip) === 6 ? 'ipv6' : 'ipv4')

function readEntry(text: string): { ip: string; bits: number | undefined } | undefined {
  const [ip = '', bits, ...more] = text.split('/')
  const version = isIP(ip)
  if (version === 0 || ip.includes('%') || more.length > 0) return undefined
  if (bits === undefined) return { ip, bits: undefined }
  if (!/^(0|[1-9]\d{0,2})$/.test(bits)) return undefined
  const length = Number.parseInt(bits, 10)
  // wider than any company's network is as good as no list
  return length <= (version === 4 ? 32 : 128) && length >= (version === 4 ? 8 : 32) ? { ip, bits: length } : undefined
}

/** Refuses `InvalidParams`. */
export function readIpList(texts: readonly string[]): string[] {
  const list = [...new Set(texts.map((text) => text.trim().toLowerCase()))]
  if (list.length > MOST) throw new Refusal('InvalidParams', { pointer: '/ips', reason: `at most ${MOST}` })
  const wrong = list.findIndex((text) => readEntry(text) === undefined)
  if (wrong >= 0)
    throw new Refusal('InvalidParams', {
      pointer: `/ips/${wrong}`,
      reason: 'an IP address, or a network such as 192.0.2.0/24',
    })
  return list
}

export function isListed(ips: readonly string[], address: string): boolean {
  const list = new BlockList()
  for (const text of ips) {
    const entry = readEntry(text)
    if (entry?.bits === undefined) list.addAddress(plain(entry?.ip ?? ''), familyOf(plain(entry?.ip ?? '')))
    else list.addSubnet(entry.ip, entry.bits, familyOf(entry.ip))
  }
  const ip = plain(address)
  return isIP(ip) !== 0 && list.check(ip, familyOf(ip))
}
