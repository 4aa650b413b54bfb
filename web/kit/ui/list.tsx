// Lists and facts: rows divided by hairlines, facts as label and value. No boxes around every line.

import { ChevronRight } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'

/** A titled part of a screen. */
export function Section({
  title,
  aside,
  children,
  className,
}: {
  title?: ReactNode
  aside?: ReactNode
  children: ReactNode
  className?: string
}) {
  return (
    <section className={cx('mt-8', className)}>
      {(title || aside) && (
        <div className="mb-2 flex min-h-8 items-center justify-between gap-3">
          {title && <h2 className="text-base font-semibold">{title}</h2>}
          {aside}
        </div>
      )}
      {children}
    </section>
  )
}

/** A surface with a hairline around it: for what belongs together and stands apart from the page. */
export const Card = ({ children, className }: { children: ReactNode; className?: string }) => (
  <div className={cx('rounded-card border border-line bg-surface', className)}>{children}</div>
)

export interface Fact {
  label: ReactNode
  value: ReactNode
  strong?: boolean
}

/** Label and value, one a line; the values stand right. */
export function Facts({
  facts,
  className,
}: {
  facts: readonly (Fact | false | null | undefined)[]
  className?: string
}) {
  return (
    <dl className={cx('divide-y divide-line', className)}>
      {facts.map(
        (fact, i) =>
          fact && (
            // biome-ignore lint/suspicious/noArrayIndexKey: facts keep their places
            <div key={i} className="flex items-baseline justify-between gap-6 py-3">
              <dt className="shrink-0 text-sm text-dim">{fact.label}</dt>
              <dd
                className={cx(
                  'min-w-0 text-right break-words',
                  fact.strong ? 'text-lg font-semibold' : 'text-sm font-medium',
                )}
              >
                {fact.value}
              </dd>
            </div>
          ),
      )}
    </dl>
  )
}

interface RowProps {
  icon?: ReactNode
  title: ReactNode
  about?: ReactNode
  right?: ReactNode
  rightAbout?: ReactNode
  /** An arrow at the end: it leads somewhere. */
  leads?: boolean
}

/** What a row shows; a link or a button puts itself around it. */
export function RowBody({ icon, title, about, right, rightAbout, leads }: RowProps) {
  return (
    <span className="flex min-h-16 w-full items-center gap-3 py-3 text-left">
      {icon && (
        <span className="flex size-10 shrink-0 items-center justify-center rounded-full bg-sunk text-dim">{icon}</span>
      )}
      <span className="min-w-0 flex-1">
        <span className="block font-medium">{title}</span>
        {about && <span className="mt-0.5 block text-sm text-dim">{about}</span>}
      </span>
      {(right || rightAbout) && (
        <span className="shrink-0 text-right">
          <span className="block font-medium">{right}</span>
          {rightAbout && <span className="mt-0.5 block text-sm text-dim">{rightAbout}</span>}
        </span>
      )}
      {leads && <ChevronRight aria-hidden className="size-5 shrink-0 text-dim" />}
    </span>
  )
}

export const rowLook = '-mx-3 block w-[calc(100%+1.5rem)] rounded-control px-3 hover:bg-sunk/70'
export const rowsLook = 'divide-y divide-line'

/** Nothing yet, and the one thing to do about it. */
export function Empty({
  icon,
  title,
  children,
  action,
}: {
  icon?: ReactNode
  title: ReactNode
  children?: ReactNode
  action?: ReactNode
}) {
  return (
    <div className="flex flex-col items-center gap-2 py-12 text-center">
      {icon && <span className="mb-2 text-dim">{icon}</span>}
      <p className="font-semibold">{title}</p>
      {children && <p className="max-w-80 text-sm text-dim">{children}</p>}
      {action && <div className="mt-4">{action}</div>}
    </div>
  )
}
