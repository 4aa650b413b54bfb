// An amount as it is typed: large, the currency beside it, what is available below, everything at the touch of one button.
// Must stay true: what is pasted with separators or units is read as what it means; more than six decimals never get in.

import { type ReactNode, useId } from 'react'
import { cleanAmount } from '../money.ts'
import { cx } from './cx.ts'
import { Labelled } from './field.tsx'

interface Props {
  label: string
  value: string
  onChange(amount: string): void
  unit?: string
  hint?: ReactNode
  error?: ReactNode
  aside?: ReactNode
  max?: { label: string; value: string } | undefined
  decimals?: number
  autoFocus?: boolean
}

export function AmountField({
  label,
  value,
  onChange,
  unit = 'USDT',
  hint,
  error,
  aside,
  max,
  decimals = 6,
  autoFocus,
}: Props) {
  const id = useId()
  return (
    <Labelled id={id} label={label} hint={hint} error={error} aside={aside}>
      <div
        className={cx(
          'flex items-baseline gap-2 border-b-2 pb-1 focus-within:border-accent',
          error ? 'border-danger' : 'border-line',
        )}
      >
        <input
          id={id}
          type="text"
          inputMode="decimal"
          autoComplete="off"
          enterKeyHint="done"
          placeholder="0"
          value={value}
          // biome-ignore lint/a11y/noAutofocus: the amount is what this screen asks for
          autoFocus={autoFocus}
          onChange={(event) => onChange(cleanAmount(event.target.value, decimals))}
          aria-invalid={error ? true : undefined}
          aria-describedby={`${id}-said`}
          className="figures min-w-0 flex-1 bg-transparent text-4xl font-semibold outline-none placeholder:text-dim/60"
        />
        <span className="text-base text-dim">{unit}</span>
        {max && (
          <button
            type="button"
            onClick={() => onChange(max.value)}
            className="min-h-9 self-center rounded-control px-2.5 text-sm font-semibold text-accent hover:bg-accent-soft"
          >
            {max.label}
          </button>
        )}
      </div>
    </Labelled>
  )
}
