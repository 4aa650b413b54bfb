// The payment PIN on a pad of our own: no keyboard of the system learns it, no form fills it in. A physical keyboard works.
// Must stay true: the digits live in this component alone and are handed over once; they are never shown, stored or logged.

import { Delete } from 'lucide-react'
import { type ReactNode, useEffect, useRef, useState } from 'react'
import { cx } from './cx.ts'
import { useKitWords } from './kit-words.ts'

interface Props {
  onPin(pin: string): void
  /** While it is being checked. */
  busy?: boolean
  /** What was wrong with the last one; the dots shake and begin anew. */
  error?: ReactNode
  /** Changes with every refusal, so that the same sentence twice shakes twice. */
  attempt?: number
  onForgot?: () => void
  label?: string
}

const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9']

export function PinPad({ onPin, busy, error, attempt = 0, onForgot, label }: Props) {
  const say = useKitWords()
  const [pin, setPin] = useState('')
  const pad = useRef<HTMLFieldSetElement>(null)

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new attempt begins with no digits
  useEffect(() => {
    setPin('')
    pad.current?.focus()
  }, [attempt])

  const press = (digit: string) => {
    if (busy || pin.length >= 6) return
    navigator.vibrate?.(8)
    const next = pin + digit
    setPin(next)
    if (next.length === 6) onPin(next)
  }
  const erase = () => !busy && setPin(pin.slice(0, -1))

  return (
    <fieldset
      ref={pad}
      tabIndex={-1}
      aria-label={label ?? say('pin')}
      className="mx-auto w-full max-w-80 outline-none"
      onKeyDown={(event) => {
        if (/^\d$/.test(event.key)) press(event.key)
        else if (event.key === 'Backspace') erase()
        else return
        event.preventDefault()
      }}
    >
      <div
        key={attempt}
        className={cx(
          'flex justify-center gap-4 py-4',
          Boolean(error) && attempt > 0 && 'motion-safe:animate-[shake_.3s]',
        )}
      >
        {[0, 1, 2, 3, 4, 5].map((place) => (
          <span
            key={place}
            className={cx(
              'size-3.5 rounded-full border',
              place < pin.length ? 'border-accent bg-accent' : 'border-edge',
              busy && 'animate-pulse',
            )}
          />
        ))}
      </div>
      <p aria-live="polite" className="sr-only">
        {say('pinDigits', { count: pin.length })}
      </p>
      <div aria-live="assertive" className="min-h-6 text-center text-sm text-danger">
        {error}
      </div>
      <div className="mt-2 grid grid-cols-3 gap-2">
        {keys.map((digit) => (
          <Key key={digit} busy={busy} onPress={() => press(digit)}>
            {digit}
          </Key>
        ))}
        {onForgot ? (
          <button
            type="button"
            onClick={onForgot}
            className="min-h-14 rounded-control px-1 text-sm font-medium text-accent hover:bg-accent-soft"
          >
            {say('pinForgot')}
          </button>
        ) : (
          <span />
        )}
        <Key busy={busy} onPress={() => press('0')}>
          0
        </Key>
        <Key busy={busy} onPress={erase} label={say('deleteDigit')}>
          <Delete aria-hidden className="size-6" />
        </Key>
      </div>
    </fieldset>
  )
}

function Key({
  children,
  onPress,
  busy,
  label,
}: {
  children: ReactNode
  onPress(): void
  busy: boolean | undefined
  label?: string
}) {
  return (
    <button
      type="button"
      aria-label={label}
      disabled={busy}
      onClick={onPress}
      className="figures flex min-h-14 items-center justify-center rounded-control border border-line bg-surface text-2xl font-medium hover:bg-sunk active:bg-accent-soft disabled:text-dim"
    >
      {children}
    </button>
  )
}
