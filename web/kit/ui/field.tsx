// What people type into: a label above, a hint or what is wrong below, said to screen readers as well.
// Must stay true: every field has a visible label; what is wrong stands at the field and in words.

import { Eye, EyeOff } from 'lucide-react'
import { type InputHTMLAttributes, type ReactNode, type TextareaHTMLAttributes, useId, useState } from 'react'
import { cx } from './cx.ts'
import { useKitWords } from './kit-words.ts'

export interface FieldProps {
  label: string
  hint?: ReactNode
  error?: ReactNode
  /** At the label's right: what is available, a link. */
  aside?: ReactNode
}

export const inputLook = (wrong: boolean) =>
  cx(
    'w-full rounded-control border bg-surface px-3.5 text-base text-ink placeholder:text-dim/80',
    'min-h-12 outline-offset-0 transition-colors disabled:bg-sunk disabled:text-dim',
    wrong ? 'border-danger' : 'border-edge/70 hover:border-edge',
  )

export function Labelled({
  id,
  label,
  hint,
  error,
  aside,
  children,
}: FieldProps & { id: string; children: ReactNode }) {
  return (
    <div className="flex flex-col gap-1.5">
      <div className="flex items-baseline justify-between gap-3 text-sm">
        <label htmlFor={id} className="font-medium text-ink">
          {label}
        </label>
        {aside && <span className="text-dim">{aside}</span>}
      </div>
      {children}
      {/* always there, so that what is wrong is read out when it comes */}
      <p id={`${id}-said`} aria-live="polite" className={cx('min-h-5 text-sm', error ? 'text-danger' : 'text-dim')}>
        {error || hint}
      </p>
    </div>
  )
}

type TextProps = FieldProps &
  Omit<InputHTMLAttributes<HTMLInputElement>, 'id'> & { right?: ReactNode; left?: ReactNode }

export function TextField({ label, hint, error, aside, right, left, className, ...input }: TextProps) {
  const id = useId()
  return (
    <Labelled id={id} label={label} hint={hint} error={error} aside={aside}>
      <div className="relative flex items-center">
        {left && <span className="absolute left-1 flex">{left}</span>}
        <input
          type="text"
          {...input}
          id={id}
          aria-invalid={error ? true : undefined}
          aria-describedby={`${id}-said`}
          className={cx(inputLook(Boolean(error)), Boolean(right) && 'pr-12', Boolean(left) && 'pl-24', className)}
        />
        {right && <span className="absolute right-0.5 flex">{right}</span>}
      </div>
    </Labelled>
  )
}

export function PasswordField(props: Omit<TextProps, 'type' | 'right'>) {
  const say = useKitWords()
  const [shown, setShown] = useState(false)
  return (
    <TextField
      {...props}
      type={shown ? 'text' : 'password'}
      right={
        <button
          type="button"
          aria-label={say(shown ? 'hidePassword' : 'showPassword')}
          aria-pressed={shown}
          onClick={() => setShown(!shown)}
          className="flex size-11 items-center justify-center rounded-control text-dim hover:text-ink"
        >
          {shown ? <EyeOff aria-hidden className="size-5" /> : <Eye aria-hidden className="size-5" />}
        </button>
      }
    />
  )
}

export function TextArea({
  label,
  hint,
  error,
  aside,
  ...area
}: FieldProps & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'id'>) {
  const id = useId()
  return (
    <Labelled id={id} label={label} hint={hint} error={error} aside={aside}>
      <textarea
        rows={3}
        {...area}
        id={id}
        aria-invalid={error ? true : undefined}
        aria-describedby={`${id}-said`}
        className={cx(inputLook(Boolean(error)), 'py-3')}
      />
    </Labelled>
  )
}

interface Choice {
  value: string
  label: string
}

export function SelectField({
  label,
  hint,
  error,
  aside,
  choices,
  value,
  onChange,
  placeholder,
  disabled,
}: FieldProps & {
  choices: readonly Choice[]
  value: string
  onChange(value: string): void
  placeholder?: string
  disabled?: boolean
}) {
  const id = useId()
  return (
    <Labelled id={id} label={label} hint={hint} error={error} aside={aside}>
      <select
        id={id}
        value={value}
        disabled={disabled}
        onChange={(event) => onChange(event.target.value)}
        aria-describedby={`${id}-said`}
        aria-invalid={error ? true : undefined}
        className={inputLook(Boolean(error))}
      >
        {placeholder !== undefined && <option value="">{placeholder}</option>}
        {choices.map((choice) => (
          <option key={choice.value} value={choice.value}>
            {choice.label}
          </option>
        ))}
      </select>
    </Labelled>
  )
}
