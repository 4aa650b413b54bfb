// The step of a code that was sent: where to, the six digits, and sending it again when the time is up.

import { type ReactNode, useEffect, useState } from 'react'
import { mode } from '../../../kit/preference.ts'
import { CodeField } from '../../../kit/ui/code-field.tsx'
import { useAccessWords } from './access-words.ts'

interface Props {
  to: string
  code: string
  onChange(code: string): void
  onComplete?(code: string): void
  onResend(): void
  onChangeContact?: () => void
  error?: ReactNode
  disabled?: boolean
}

const WAIT = 60

export function CodeStep({ to, code, onChange, onComplete, onResend, onChangeContact, error, disabled }: Props) {
  const say = useAccessWords()
  const [left, setLeft] = useState(WAIT)
  useEffect(() => {
    const timer = setInterval(() => setLeft((n) => Math.max(0, n - 1)), 1_000)
    return () => clearInterval(timer)
  }, [])
  return (
    <div className="space-y-2">
      <CodeField
        label={say('code')}
        hint={say('codeSentTo', { contact: to })}
        error={error}
        value={code}
        onChange={onChange}
        {...(onComplete ? { onComplete } : {})}
        disabled={disabled ?? false}
        autoFocus
      />
      <div className="flex flex-wrap items-center gap-x-5 text-sm">
        {left > 0 ? (
          <span className="figures flex min-h-11 items-center text-dim">{say('resendIn', { count: left })}</span>
        ) : (
          <button
            type="button"
            className="min-h-11 font-medium text-accent"
            onClick={() => {
              setLeft(WAIT)
              onResend()
            }}
          >
            {say('resend')}
          </button>
        )}
        {onChangeContact && (
          <button type="button" className="min-h-11 font-medium text-accent" onClick={onChangeContact}>
            {say('changeContact')}
          </button>
        )}
      </div>
      {mode === 'sandbox' && <p className="text-sm text-dim">{say('sandboxHint')}</p>}
    </div>
  )
}
