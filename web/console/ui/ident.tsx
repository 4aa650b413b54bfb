// Ids, hashes and addresses: shortened in the middle where they are long, whole on hover, copied with a press.
// Must stay true: an address that money goes to is never shortened where somebody decides about it (see Whole).

import { Check, Copy, ExternalLink } from 'lucide-react'
import { useCopied } from '../../kit/ui/copy.tsx'
import { cx } from '../../kit/ui/cx.ts'
import { A } from '../frame/link.tsx'
import { useWords } from '../words.ts'

export const shortened = (text: string, ends = 6): string =>
  text.length <= ends * 2 + 3 ? text : `${text.slice(0, ends + 2)}…${text.slice(-ends)}`

export function CopyButton({ text }: { text: string }) {
  const say = useWords()
  const [copied, copy] = useCopied()
  return (
    <button
      type="button"
      aria-label={say('copyId', { id: shortened(text) })}
      onClick={(event) => {
        event.stopPropagation()
        copy(text)
      }}
      className="inline-flex size-6 shrink-0 items-center justify-center rounded-md text-dim hover:bg-sunk hover:text-ink"
    >
      {copied ? <Check aria-hidden className="size-3.5 text-accent" /> : <Copy aria-hidden className="size-3.5" />}
    </button>
  )
}

interface Props {
  value: string | null
  to?: string
  /** In the block explorer. */
  href?: string | null
  ends?: number
  className?: string
}

export function Ident({ value, to, href, ends = 6, className }: Props) {
  const say = useWords()
  if (!value) return <span className="text-dim">–</span>
  const text = (
    <span className="font-mono text-[0.92em]" title={value}>
      {shortened(value, ends)}
    </span>
  )
  return (
    <span className={cx('inline-flex max-w-full items-center gap-0.5 whitespace-nowrap', className)}>
      {to ? <A to={to}>{text}</A> : text}
      <CopyButton text={value} />
      {href && (
        <a
          href={href}
          target="_blank"
          rel="noreferrer"
          aria-label={say('explorer')}
          className="inline-flex size-6 items-center justify-center rounded-md text-dim hover:bg-sunk hover:text-ink"
        >
          <ExternalLink aria-hidden className="size-3.5" />
        </a>
      )}
    </span>
  )
}

/** Every character of it, in groups of four. */
export function Whole({ value }: { value: string }) {
  const groups = value.match(/.{1,4}/g) ?? []
  return (
    <span className="inline-flex items-start gap-1">
      <span className="flex flex-wrap gap-x-1.5 font-mono text-[13px] leading-6" data-value={value}>
        {groups.map((group, i) => (
          <span
            // biome-ignore lint/suspicious/noArrayIndexKey: groups keep their places
            key={i}
            className={i === 0 || i === groups.length - 1 ? 'font-semibold text-ink' : 'text-ink'}
          >
            {group}
          </span>
        ))}
      </span>
      <CopyButton text={value} />
    </span>
  )
}

/** A customer, by what everybody calls them. */
export function Uid({ uid, id }: { uid: string; id?: string }) {
  if (uid === 'house') return <span className="text-dim">{uid}</span>
  return (
    <A to={`/customers/${id ?? uid}`}>
      <span className="figures">{uid}</span>
    </A>
  )
}
