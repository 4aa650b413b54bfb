// The filters above a list: each one is in the address. A choice is a select, a text is sent with Enter or on leaving.

import { useEffect, useState } from 'react'
import { cx } from '../../kit/ui/cx.ts'
import type { Filters } from '../frame/link.tsx'
import { useWords } from '../words.ts'

export interface Filter {
  key: string
  label: string
  /** What may be chosen; a text of any kind without it. */
  choices?: readonly { value: string; label: string }[]
  /** What holds while nothing is chosen. */
  fallback?: string
  placeholder?: string
}

export const controlLook =
  'h-9 rounded-control border border-edge/60 bg-surface px-2.5 text-[13px] text-ink hover:border-edge placeholder:text-dim'

interface Props {
  filters: readonly Filter[]
  values: Filters
  onChange: (change: Record<string, string | undefined>) => void
}

export function FilterBar({ filters, values, onChange }: Props) {
  const say = useWords()
  const set = filters.filter(({ key }) => values[key])
  return (
    <div className="flex flex-wrap items-end gap-2">
      {filters.map((filter) => (
        <div key={filter.key} className="flex flex-col gap-1 text-xs text-dim">
          <label htmlFor={`filter-${filter.key}`}>{filter.label}</label>
          {filter.choices ? (
            <select
              id={`filter-${filter.key}`}
              className={cx(controlLook, 'max-w-56', values[filter.key] && 'border-accent')}
              value={values[filter.key] ?? filter.fallback ?? ''}
              onChange={(event) =>
                onChange({ [filter.key]: event.target.value === filter.fallback ? undefined : event.target.value })
              }
            >
              {filter.fallback === undefined && <option value="">{say('all')}</option>}
              {filter.choices.map(({ value, label }) => (
                <option key={value} value={value}>
                  {label}
                </option>
              ))}
            </select>
          ) : (
            <TextFilter filter={filter} value={values[filter.key] ?? ''} onChange={onChange} />
          )}
        </div>
      ))}
      {set.length > 0 && (
        <button
          type="button"
          className="h-9 px-2 text-[13px] font-medium text-accent hover:underline"
          onClick={() => onChange(Object.fromEntries(set.map(({ key }) => [key, undefined])))}
        >
          {say('clear')}
        </button>
      )}
    </div>
  )
}

function TextFilter({ filter, value, onChange }: { filter: Filter; value: string; onChange: Props['onChange'] }) {
  const [text, setText] = useState(value)
  useEffect(() => setText(value), [value])
  const send = () => text.trim() !== value && onChange({ [filter.key]: text.trim() || undefined })
  return (
    <input
      id={`filter-${filter.key}`}
      className={cx(controlLook, 'w-44', value && 'border-accent')}
      value={text}
      placeholder={filter.placeholder}
      onChange={(event) => setText(event.target.value)}
      onBlur={send}
      onKeyDown={(event) => event.key === 'Enter' && send()}
    />
  )
}
