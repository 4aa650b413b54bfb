// Which chain: each says what it asks and how long it takes, before anything is sent. The last one is remembered.

import { Radio } from '@base-ui/react/radio'
import { RadioGroup } from '@base-ui/react/radio-group'
import type { ReactNode } from 'react'
import { cx } from '../../../kit/ui/cx.ts'

export interface NetworkChoice {
  chain: string
  name: string
  facts: ReactNode
  disabled?: boolean
}

export function NetworkPicker({
  label,
  choices,
  value,
  onChange,
  row,
}: {
  label: string
  choices: readonly NetworkChoice[]
  value: string | undefined
  onChange(chain: string): void
  /** Side by side, for few with short names. */
  row?: boolean
}) {
  return (
    <RadioGroup
      aria-label={label}
      value={value ?? ''}
      onValueChange={(next) => onChange(String(next))}
      className={row ? 'grid grid-cols-3 gap-2' : 'space-y-2'}
    >
      {choices.map((choice) => (
        // biome-ignore lint/a11y/noLabelWithoutControl: the radio inside is the control
        <label
          key={choice.chain}
          className={cx(
            'flex min-h-16 gap-3 rounded-card border',
            row ? 'relative flex-col justify-center px-3 py-2.5' : 'items-center px-4 py-3',
            value === choice.chain ? 'border-accent bg-accent-soft/60' : 'border-line bg-surface hover:border-edge',
            choice.disabled && 'opacity-60',
          )}
        >
          <Radio.Root
            value={choice.chain}
            disabled={choice.disabled ?? false}
            className={cx(
              'flex size-5 shrink-0 items-center justify-center rounded-full border border-edge data-checked:border-accent',
              row && 'absolute top-2 right-2 scale-75',
            )}
          >
            <Radio.Indicator className="size-2.5 rounded-full bg-accent" />
          </Radio.Root>
          <span className="min-w-0 flex-1">
            <span className={cx('block font-medium', row && 'pr-4 text-sm leading-snug')}>{choice.name}</span>
            <span className={cx('block text-dim', row ? 'text-xs' : 'text-sm')}>{choice.facts}</span>
          </span>
        </label>
      ))}
    </RadioGroup>
  )
}
