// A screen's head and its parts: a title, what it is about, what can be done; sections divided by hairlines.
// Must stay true: every screen has one h1, and its title is the tab's.

import { type ReactNode, useEffect } from 'react'
import { cx } from '../../kit/ui/cx.ts'

interface Props {
  title: string
  /** What stands in the browser's tab, where the title alone would not tell. */
  tab?: string
  about?: ReactNode
  actions?: ReactNode
  children: ReactNode
}

export function Page({ title, tab, about, actions, children }: Props) {
  useEffect(() => {
    document.title = `${tab ?? title} · UniPay`
  }, [title, tab])
  return (
    <div className="mx-auto w-full max-w-[1480px] px-4 py-5 md:px-6">
      <div className="mb-4 flex flex-wrap items-start justify-between gap-x-6 gap-y-3 xl:flex-nowrap">
        <div className="min-w-0">
          <h1 className="text-xl leading-tight font-semibold">{title}</h1>
          {about && <div className="mt-1 max-w-3xl text-[13px] text-dim">{about}</div>}
        </div>
        {actions && <div className="flex shrink-0 flex-wrap items-center gap-2 xl:justify-end">{actions}</div>}
      </div>
      {children}
    </div>
  )
}

export function Part({
  title,
  aside,
  children,
  first,
}: {
  title: ReactNode
  aside?: ReactNode
  children: ReactNode
  /** Nothing stands above it. */
  first?: boolean
}) {
  return (
    <section className={first ? undefined : 'mt-6'}>
      <div className="mb-2 flex min-h-7 items-center justify-between gap-3 border-b border-line pb-1.5">
        <h2 className="text-sm font-semibold">{title}</h2>
        {aside}
      </div>
      {children}
    </section>
  )
}

/** What matters of the thing, side by side under its title. */
export function Strip({ facts }: { facts: readonly ({ label: string; value: ReactNode; wide?: boolean } | false)[] }) {
  return (
    <dl className="flex flex-wrap divide-x divide-line rounded-card border border-line bg-surface">
      {facts.map(
        (fact) =>
          fact && (
            <div key={fact.label} className={cx('min-w-28 px-4 py-2.5', fact.wide && 'grow')}>
              <dt className="text-xs text-dim">{fact.label}</dt>
              <dd className="mt-0.5 text-sm font-medium">{fact.value}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

/** Label and value, line by line, the values left where the eye looks for them. */
export function Lines({ lines }: { lines: readonly (readonly [label: ReactNode, value: ReactNode] | false)[] }) {
  return (
    <dl className="text-[13px]">
      {lines.map(
        (line, i) =>
          line && (
            <div
              // biome-ignore lint/suspicious/noArrayIndexKey: lines keep their places
              key={i}
              className="grid grid-cols-[minmax(7rem,11rem)_1fr] gap-4 border-b border-line py-1.5 last:border-0"
            >
              <dt className="text-dim">{line[0]}</dt>
              <dd className="min-w-0 break-words">{line[1]}</dd>
            </div>
          ),
      )}
    </dl>
  )
}

export const Columns = ({ children }: { children: ReactNode }) => (
  <div className="grid items-start gap-x-8 xl:grid-cols-[minmax(0,1fr)_24rem]">{children}</div>
)
