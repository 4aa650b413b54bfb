// An address of a chain, whole, in groups of four, its ends emphasised. Never shortened where somebody decides on it.

export function AddressText({ address }: { address: string }) {
  const head = address.startsWith('0x') ? 2 : 0
  const body = address.slice(head)
  const groups = body.match(/.{1,4}/g) ?? []
  return (
    <span className="font-mono text-[0.9375rem] leading-relaxed">
      <span className="sr-only">{address}</span>
      <span aria-hidden>
        {head > 0 && <span className="text-dim">0x</span>}
        {groups.map((group, i) => {
          const isEnd = i < 2 || i >= groups.length - 2
          const look = isEnd ? 'font-semibold text-ink' : 'text-dim'
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: groups keep their places
            <span key={i} className={`mr-1.5 inline-block ${look}`}>
              {group}
            </span>
          )
        })}
      </span>
    </span>
  )
}

/** For lists, where the whole stands one press away. */
export const shortAddress = (address: string): string =>
  address.length > 20 ? `${address.slice(0, 8)}…${address.slice(-8)}` : address
