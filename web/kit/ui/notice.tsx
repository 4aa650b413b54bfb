// A sentence in a box: news, a warning, trouble. The icon and the words say which; the colour only repeats it.

import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'

export type Tone = 'info' | 'good' | 'warn' | 'bad' | 'plain'

const looks = {
  info: ['bg-info-soft text-info', Info],
  good: ['bg-accent-soft text-accent', CircleCheck],
  warn: ['bg-warn-soft text-warn', TriangleAlert],
  bad: ['bg-danger-soft text-danger', CircleAlert],
  plain: ['bg-sunk text-dim', Info],
} as const

interface Props {
  tone?: Tone
  title?: ReactNode
  children?: ReactNode
  action?: ReactNode
  className?: string
}

export function Notice({ tone = 'info', title, children, action, className }: Props) {
  const [look, Icon] = looks[tone]
  return (
    <div
      role={tone === 'bad' ? 'alert' : 'status'}
      className={cx('flex gap-3 rounded-card px-4 py-3 text-sm', look, className)}
    >
      <Icon aria-hidden className="mt-0.5 size-[18px] shrink-0" />
      <div className="min-w-0 flex-1">
        {title && <p className="font-semibold">{title}</p>}
        {children && <div className={cx(title ? 'mt-0.5' : undefined, 'text-ink')}>{children}</div>}
        {action && <div className="mt-2">{action}</div>}
      </div>
    </div>
  )
}

const chips = {
  info: 'bg-info-soft text-info',
  good: 'bg-accent-soft text-accent',
  warn: 'bg-warn-soft text-warn',
  bad: 'bg-danger-soft text-danger',
  plain: 'bg-sunk text-dim',
} as const

/** A state in a word. */
export const Chip = ({ tone = 'plain', children }: { tone?: Tone; children: ReactNode }) => (
  <span
    className={cx(
      'inline-flex items-center rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap',
      chips[tone],
    )}
  >
    {children}
  </span>
)
