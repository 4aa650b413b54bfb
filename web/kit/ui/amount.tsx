// Amounts on the screen: tabular, grouped, the currency small. Hidden ones are dots of one length, so that nothing leaks.
// Must stay true: money in is told by + and green, money out by − and ink; colour never alone.

import { grouped } from '../money.ts'
import { amountsHidden } from '../preference.ts'
import { useSignal } from '../signal.ts'
import { cx } from './cx.ts'
import { useKitWords } from './kit-words.ts'

interface Props {
  value: string
  unit?: string
  /** Which way it goes, where that is the point. */
  way?: 'in' | 'out'
  className?: string
  /** Shown even when amounts are hidden: a form's own sums. */
  always?: boolean
}

export function Amount({ value, unit, way, className, always }: Props) {
  const say = useKitWords()
  const hidden = useSignal(amountsHidden) && !always
  const sign = way === 'in' ? '+' : way === 'out' ? '−' : ''
  return (
    <span className={cx('figures whitespace-nowrap', way === 'in' && 'text-accent', className)}>
      {hidden ? (
        <>
          <span aria-hidden>••••</span>
          <span className="sr-only">{say('hidden')}</span>
        </>
      ) : (
        <>
          {sign}
          {grouped(value)}
        </>
      )}
      {unit && <span className="ml-1 text-[max(0.6em,0.75rem)] font-normal text-dim">{unit}</span>}
    </span>
  )
}
