// What went wrong, in words that help: what happened, whether money moved, the request's id to quote, and a way on.
// Must stay true: when no answer came to something that moves money, nobody is told that nothing happened.

import { ApiError } from '../api/http.ts'
import { Button } from './button.tsx'
import { useKitWords } from './kit-words.ts'
import { Notice } from './notice.tsx'

interface Props {
  error: unknown
  /** What was asked moves money: then it is said whether it did. */
  money?: boolean
  onRetry?: () => void
  className?: string
}

export function Problem({ error, money, onRetry, className }: Props) {
  const say = useKitWords()
  if (!error) return null
  const known = error instanceof ApiError ? error : undefined
  const unheard = known === undefined || known.isUnheard
  const isUnsure = money && (unheard || (known?.status ?? 0) >= 500)
  return (
    <Notice
      tone="bad"
      className={className ?? ''}
      title={unheard ? say('unheard') : known.message || known.refusal}
      action={
        onRetry && (
          <Button small onClick={onRetry}>
            {say('retry')}
          </Button>
        )
      }
    >
      {isUnsure && <p>{say('moneyUnknown')}</p>}
      {money && !isUnsure && <p>{say('moneyUnmoved')}</p>}
      {!money && unheard && <p>{say('unheardHint')}</p>}
      {known?.requestId && (
        <p className="mt-1 text-xs text-dim">
          {say('requestId')} <code className="select-all font-mono">{known.requestId}</code>
        </p>
      )}
    </Notice>
  )
}
