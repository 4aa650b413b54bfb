// A six-digit code: one real input, so that pasting and the phone's own suggestion work, drawn as six boxes.
// Must stay true: it hands the code over by itself when the sixth digit is in, and only once for the same six.

import { useEffect, useId, useRef } from 'react'
import { cx } from './cx.ts'
import { type FieldProps, Labelled } from './field.tsx'

interface Props extends FieldProps {
  value: string
  onChange(code: string): void
  onComplete?(code: string): void
  autoFocus?: boolean
  disabled?: boolean
}

const places = [0, 1, 2, 3, 4, 5]

export function CodeField({ value, onChange, onComplete, autoFocus, disabled, ...field }: Props) {
  const id = useId()
  const input = useRef<HTMLInputElement>(null)
  useEffect(() => {
    if (autoFocus) input.current?.focus()
  }, [autoFocus])
  return (
    <Labelled id={id} {...field}>
      <div className="relative max-w-sm">
        <div aria-hidden className="grid grid-cols-6 gap-2">
          {places.map((place) => (
            <span
              key={place}
              className={cx(
                'figures flex h-14 items-center justify-center rounded-control border bg-surface text-2xl font-semibold',
                field.error ? 'border-danger' : place === value.length ? 'border-accent' : 'border-edge/70',
              )}
            >
              {value[place] ?? ''}
            </span>
          ))}
        </div>
        <input
          ref={input}
          id={id}
          type="text"
          inputMode="numeric"
          autoComplete="one-time-code"
          maxLength={6}
          value={value}
          disabled={disabled}
          aria-invalid={field.error ? true : undefined}
          aria-describedby={`${id}-said`}
          onChange={(event) => {
            const code = event.target.value.replace(/\D/g, '').slice(0, 6)
            onChange(code)
            if (code.length === 6 && code !== value) onComplete?.(code)
          }}
          onPaste={(event) => {
            // mails put spaces into codes, which maxLength would count
            const code = event.clipboardData.getData('text').replace(/\D/g, '').slice(0, 6)
            if (code.length < 6) return
            event.preventDefault()
            onChange(code)
            onComplete?.(code)
          }}
          className="absolute inset-0 h-full w-full rounded-control bg-transparent text-transparent caret-transparent"
        />
      </div>
    </Labelled>
  )
}
