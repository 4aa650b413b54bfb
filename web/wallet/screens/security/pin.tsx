// The payment PIN: the first one, another one, or a new one when it is forgotten.
// Must stay true: PINs live in this screen's memory alone and are gone when it is left.

import { useNavigate } from '@tanstack/react-router'
import { useRef, useState } from 'react'
import { isRefusal } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { Button } from '../../../kit/ui/button.tsx'
import { PasswordField } from '../../../kit/ui/field.tsx'
import { Notice } from '../../../kit/ui/notice.tsx'
import { PinPad } from '../../../kit/ui/pin-pad.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { toast } from '../../../kit/ui/toast.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'
import { PinTrouble } from '../../proof/money-proof.tsx'
import { CodeStep } from '../access/code-step.tsx'
import { type Contact, ContactInput, contactBody, contactText, isContact, noContact } from '../access/contact-input.tsx'
import { useSecurityWords } from './security-words.ts'

type Step = 'who' | 'code' | 'old' | 'new' | 'repeat'

export function PinScreen() {
  const say = useSecurityWords()
  const status = useApi('GET /api/security/status')
  const isSet = status.data?.payment_password_set
  return (
    <Screen title={say(isSet ? 'changePin' : 'setPin')} back="/app/security">
      {status.data ? (
        <Steps first={isSet ? 'old' : 'who'} isSet={isSet ?? false} />
      ) : status.error ? (
        <Problem error={status.error} onRetry={() => void status.refetch()} />
      ) : (
        <Bone className="h-64 w-full" />
      )}
    </Screen>
  )
}

function Steps({ first, isSet }: { first: Step; isSet: boolean }) {
  const say = useSecurityWords()
  const navigate = useNavigate()
  const [step, setStep] = useState<Step>(first)
  const [attempt, setAttempt] = useState(0)
  const [differ, setDiffer] = useState(false)
  const [password, setPassword] = useState('')
  const [contact, setContact] = useState<Contact>(noContact)
  const [code, setCode] = useState('')
  const pins = useRef({ old: '', next: '' })
  const { busy, error, setError, run } = useAction()
  const isReset = isSet && first === 'old' && pins.current.old === ''
  const goTo = (next: Step) => {
    setStep(next)
    setAttempt((n) => n + 1)
  }

  const save = (new_pin: string) =>
    run(async () => {
      const proof = pins.current.old
        ? { old_payment_password: pins.current.old }
        : { login_password: password, ...(isSet ? { code } : {}) }
      try {
        await api('POST /api/security/payment-password', { body: { ...proof, new_pin } })
      } catch (refused) {
        pins.current.next = ''
        if (isRefusal(refused, 'PaymentPasswordWrong', 'PaymentPasswordLocked')) {
          pins.current.old = ''
          goTo('old')
        } else goTo(isRefusal(refused, 'InvalidCredential', 'CodeWrong') ? 'who' : 'new')
        throw refused
      }
      tellChanged('GET /api/security/status', 'GET /api/security/log', 'GET /api/user/me')
      toast(say('pinDone'))
      void navigate({ to: '/app/security', replace: true })
    })

  if (step === 'who') {
    const ready = password !== '' && (!isSet || isContact(contact))
    const go = () => {
      if (!isSet) return goTo('new')
      void run(async () => {
        await api('POST /api/auth/code/send', { body: { ...contactBody(contact), scene: 'reset' } })
        goTo('code')
      })
    }
    return (
      <form
        className="space-y-3 pt-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) go()
        }}
      >
        <p className="pb-2 text-dim">{say('pinAbout')}</p>
        <Problem error={error} />
        <PasswordField
          label={say('loginPassword')}
          hint={say('loginPasswordHint')}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          autoComplete="current-password"
        />
        {isSet && (
          <>
            <ContactInput value={contact} onChange={setContact} />
            <Notice tone="warn">{say('forgotAbout')}</Notice>
          </>
        )}
        <Button type="submit" look="primary" wide busy={busy} disabled={!ready}>
          {say(isSet ? 'sendCode' : 'next')}
        </Button>
      </form>
    )
  }
  if (step === 'code') {
    return (
      <CodeStep
        to={contactText(contact)}
        code={code}
        onChange={setCode}
        onComplete={() => goTo('new')}
        onResend={() =>
          void run(
            async () =>
              void (await api('POST /api/auth/code/send', { body: { ...contactBody(contact), scene: 'reset' } })),
          )
        }
        onChangeContact={() => setStep('who')}
      />
    )
  }
  const titles = { old: 'oldPin', new: 'newPin', repeat: 'repeatPin' } as const
  return (
    <div className="pt-4">
      <h2 className="text-center text-lg font-semibold">{say(titles[step])}</h2>
      {!isRefusal(error, 'PaymentPasswordWrong', 'PaymentPasswordLocked', 'PaymentPasswordWeak') && (
        <Problem error={error} className="mt-3" />
      )}
      <PinPad
        key={step}
        label={say(titles[step])}
        attempt={attempt}
        busy={busy}
        error={
          differ ? (
            say('differ')
          ) : isRefusal(error, 'PaymentPasswordWeak') ? (
            error.message
          ) : step === 'old' && error ? (
            <PinTrouble error={error} />
          ) : undefined
        }
        onPin={(pin) => {
          setDiffer(false)
          if (step === 'old') {
            pins.current.old = pin
            setError(null)
            goTo('new')
          } else if (step === 'new') {
            pins.current.next = pin
            setError(null)
            goTo('repeat')
          } else if (pin !== pins.current.next) {
            pins.current.next = ''
            setDiffer(true)
            goTo('new')
          } else void save(pin)
        }}
        {...(step === 'old'
          ? {
              onForgot: () => {
                pins.current.old = ''
                setError(null)
                setStep('who')
              },
            }
          : {})}
      />
      {isReset && step !== 'old' && <p className="mt-4 text-center text-sm text-dim">{say('forgotAbout')}</p>}
    </div>
  )
}
