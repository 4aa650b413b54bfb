// The question before money moves: the payment PIN, and a TOTP code where it is on. It stays until there is an answer.
// Must stay true: nothing is sent twice by pressing twice; a wrong PIN says how many attempts are left; what goes wrong
// says whether money moved.

import { Link } from '@tanstack/react-router'
import { type ReactNode, useRef, useState } from 'react'
import { ApiError, isRefusal } from '../../kit/api/http.ts'
import { useApi } from '../../kit/api/use-api.ts'
import { texts } from '../../kit/language.ts'
import { shortText } from '../../kit/time.ts'
import { CodeField } from '../../kit/ui/code-field.tsx'
import { Notice } from '../../kit/ui/notice.tsx'
import { PinPad } from '../../kit/ui/pin-pad.tsx'
import { Problem } from '../../kit/ui/problem.tsx'
import { Sheet } from '../../kit/ui/sheet.tsx'

const useWords = texts('proof', {
  title: ['输入支付密码', 'Enter your payment PIN'],
  totpTitle: ['输入验证器动态码', 'Enter your authenticator code'],
  totp: ['6 位动态码', '6-digit code'],
  totpHint: ['来自您的验证器应用', 'From your authenticator app'],
  attemptsLeft: ['支付密码错误,还可尝试 {{count}} 次', 'Wrong PIN, {{count}} attempts left'],
  lockedUntil: ['错误次数过多,{{time}} 后可再试', 'Too many attempts. Locked until {{time}}'],
  notSet: ['还没有支付密码', 'You have no payment PIN yet'],
  notSetHint: ['设置 6 位支付密码后即可继续。', 'Set a six-digit PIN to go on.'],
  setPin: ['去设置', 'Set a PIN'],
  heldUntil: ['安全设置变更后暂停转出,{{time}} 恢复', 'Money out is on hold after a security change, until {{time}}'],
})

export interface Proof {
  payment_password: string
  totp_code?: string
}

interface Props {
  open: boolean
  onClose(): void
  /** What is being decided, in a line. */
  about?: ReactNode
  /** Does it. What it throws is explained here; when it returns, the sheet's owner goes on. */
  onProof(proof: Proof): Promise<void>
  /** Whether it moves money (else it only protects a setting). */
  money?: boolean
  /** The PIN alone, also where an authenticator is on. */
  pinOnly?: boolean
}

export function MoneyProof({ open, onClose, about, onProof, money = true, pinOnly }: Props) {
  const say = useWords()
  const security = useApi('GET /api/security/status', undefined, { enabled: open })
  const [busy, setBusy] = useState(false)
  const [attempt, setAttempt] = useState(0)
  const [error, setError] = useState<unknown>(null)
  const [asksTotp, setAsksTotp] = useState(false)
  const [code, setCode] = useState('')
  const pin = useRef('')
  const running = useRef(false)

  const close = () => {
    if (running.current) return
    pin.current = ''
    setError(null)
    setAsksTotp(false)
    setCode('')
    onClose()
  }

  const submit = async (proof: Proof) => {
    if (running.current) return
    running.current = true
    setBusy(true)
    setError(null)
    try {
      await onProof(proof)
      pin.current = ''
      setAsksTotp(false)
      setCode('')
    } catch (refused) {
      if (isRefusal(refused, 'TOTPRequired')) setAsksTotp(true)
      else {
        setError(refused)
        setCode('')
        if (!isRefusal(refused, 'TOTPWrong')) {
          pin.current = ''
          setAsksTotp(false)
        }
        setAttempt((n) => n + 1)
      }
    } finally {
      running.current = false
      setBusy(false)
    }
  }

  const onPin = (entered: string) => {
    pin.current = entered
    if (security.data?.totp_enabled && !pinOnly) setAsksTotp(true)
    else void submit({ payment_password: entered })
  }

  const isPinError = isRefusal(error, 'PaymentPasswordWrong', 'PaymentPasswordLocked')
  const noPin = security.data?.payment_password_set === false || isRefusal(error, 'PaymentPasswordNotSet')
  const held = security.data?.money_out_held_until
  return (
    <Sheet open={open} onClose={close} title={say(asksTotp ? 'totpTitle' : 'title')} about={about} held={busy}>
      {money && held && <Notice tone="warn">{say('heldUntil', { time: shortText(held) })}</Notice>}
      {Boolean(error) && !isPinError && !noPin && <Problem error={error} money={money} className="mb-2" />}
      {noPin ? (
        <Notice
          tone="warn"
          title={say('notSet')}
          action={
            <Link to="/app/security/pin" className="font-semibold underline underline-offset-4">
              {say('setPin')}
            </Link>
          }
        >
          {say('notSetHint')}
        </Notice>
      ) : asksTotp ? (
        <div className="py-3">
          <CodeField
            label={say('totp')}
            hint={say('totpHint')}
            value={code}
            onChange={setCode}
            onComplete={(totp_code) => void submit({ payment_password: pin.current, totp_code })}
            disabled={busy}
            autoFocus
          />
        </div>
      ) : (
        <PinPad
          onPin={onPin}
          busy={busy}
          attempt={attempt}
          error={isPinError ? <PinTrouble error={error} /> : undefined}
        />
      )}
    </Sheet>
  )
}

/** What is wrong with a PIN, in words that tell how to go on. */
export function PinTrouble({ error }: { error: unknown }) {
  const say = useWords()
  if (!(error instanceof ApiError)) return null
  const { attempts_left, locked_until } = error.details
  if (typeof locked_until === 'string') return say('lockedUntil', { time: shortText(locked_until) })
  if (typeof attempts_left === 'number') return say('attemptsLeft', { count: attempts_left })
  return error.message
}
