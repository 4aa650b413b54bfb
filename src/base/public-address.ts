// Which IP addresses are somebody's on the open Internet, and not this machine, its network or its cloud's insides.
// Must stay true: what is not known to be public is not; an address says the same in every notation that it has.

import net from 'node:net'
import os from 'node:os'

/** IPv4 ranges that are never reached for a stranger (IANA's special-purpose registry, and what clouds put elsewhere). */
const closedV4 = [
  ['0.0.0.0', 8], // this network
  ['10.0.0.0', 8],
  ['100.64.0.0', 10], // behind a carrier's translation; one cloud keeps its metadata here
  ['127.0.0.0', 8],
  ['168.63.129.16', 32], // a cloud's own service, on an address that looks public
  ['169.254.0.0', 16], // link-local: metadata of most clouds
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.31.196.0', 24],
  ['192.52.193.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['192.175.48.0', 24],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4], // multicast
  ['240.0.0.0', 4], // reserved, and broadcast
] as const

/** Of IPv6 only global unicast is open, and of it not what carries an IPv4 address inside or is for examples. */
const openV6 = [['2000::', 3]] as const
const closedV6 = [
  ['2001::', 23], // protocol assignments, Teredo among them
  ['2001:db8::', 32],
  ['2002::', 16], // 6to4
  ['2620:4f:8000::', 48],
  ['3fff::', 20],
] as const

function listOf(type: 'ipv4' | 'ipv6', ranges: readonly (readonly [string, number])[]): net.BlockList {
  const list = new net.BlockList()
  for (const [address, bits] of ranges) list.addSubnet(address, bits, type)
  return list
}
const [blockedV4, reachableV6, blockedV6] = [listOf('ipv4', closedV4), listOf('ipv6', openV6), listOf('ipv6', closedV6)]

/** An address of one of this machine's own interfaces, whatever range it is from. */
const isOwn = (address: string): boolean =>
  Object.values(os.networkInterfaces()).some((each) => each?.some((own) => own.address === address))

/** Takes an address as the resolver and the socket write it. Anything else, a zone or a mapped form included, is not public. */
export function isPublicAddress(address: string): boolean {
  if (net.isIPv4(address)) return !blockedV4.check(address, 'ipv4') && !isOwn(address)
  if (!net.isIPv6(address) || address.includes('%')) return false
  return reachableV6.check(address, 'ipv6') && !blockedV6.check(address, 'ipv6') && !isOwn(address)
}
