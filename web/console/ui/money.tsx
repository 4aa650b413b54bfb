// Amounts in tables: digits under digits, the currency small. A console shows what is; nothing is hidden here.

import { grouped } from '../../kit/money.ts'
import { cx } from '../../kit/ui/cx.ts'

interface Props {
  value: string
  unit?: string | undefined
  className?: string
  /** With its sign, and a tone for it. */
  signed?: boolean
}

export function Money({ value, unit, className, signed }: Props) {
  const isOut = value.startsWith('-')
  const isZero = /^-?0*\.?0*$/.test(value)
  return (
    <span className={cx('figures whitespace-nowrap', isZero && 'text-dim', className)}>
      {signed && !isOut && !isZero ? '+' : ''}
      {grouped(value).replace('-', '−')}
      {unit && <span className="ml-1 text-[0.82em] text-dim">{unit}</span>}
    </span>
  )
}
