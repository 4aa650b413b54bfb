// Signing in: by password or by code, and the second step where it is on.

import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import type { DataOf } from '../../../kit/api/http.ts'
import { api, keepSession, sessionState } from '../../../kit/api/session.ts'
import { useSignal } from '../../../kit/signal.ts'
import { Button } from '../../../kit/ui/button.tsx'
import { PasswordField } from '../../../kit/ui/field.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { useAccessWords } from './access-words.ts'
import { CodeStep } from './code-step.tsx'
import { type Contact, ContactInput, contactBody, contactText, isContact, noContact } from './contact-input.tsx'
import { Door } from './door.tsx'

type Challenge = Extract<DataOf<'POST /api/auth/login'>, { need_2fa: true }>

/** Where to go after the door: only to our own screens. */
export const wayIn = (to: unknown): string => (typeof to === 'string' && /^\/(app(\/|$|\?))/.test(to) ? to : '/')

export function SignInScreen() {
  const say = useAccessWords()
  const navigate = useNavigate()
  const { to } = useSearch({ strict: false }) as { to?: unknown }
  const state = useSignal(sessionState)
  const [contact, setContact] = useState<Contact>(noContact)
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [step, setStep] = useState<'password' | 'send' | 'code'>('password')
  const [challenge, setChallenge] = useState<Challenge>()
  const { busy, error, run, setError } = useAction()

  useEffect(() => {
    if (state === 'in') void navigate({ to: wayIn(to), replace: true })
  }, [state, to, navigate])

  const signIn = (proof: { password: string } | { code: string }) =>
    run(async () => {
      const answer = await api('POST /api/auth/login', { body: { ...contactBody(contact), ...proof } })
      if ('need_2fa' in answer) setChallenge(answer)
      else await keepSession(answer.refresh_token)
    })
  const sendCode = () =>
    run(async () => {
      await api('POST /api/auth/code/send', { body: { ...contactBody(contact), scene: 'login' } })
      setCode('')
      setStep('code')
    })

  if (challenge) return <SecondStep challenge={challenge} />

  const ready = isContact(contact) && (step === 'send' || (step === 'password' ? password !== '' : code.length === 6))
  const submit = () => {
    if (!ready || busy) return
    if (step === 'password') void signIn({ password })
    else if (step === 'send') void sendCode()
    else void signIn({ code })
  }
  return (
    <Door
      title={say('signIn')}
      about={say('tagline')}
      onSubmit={submit}
      below={
        <p className="text-dim">
          {say('noAccount')}{' '}
          <Link to="/app/sign-up" className="font-semibold text-accent underline-offset-4 hover:underline">
            {say('signUp')}
          </Link>
        </p>
      }
    >
      {step === 'code' ? (
        <CodeStep
          to={contactText(contact)}
          code={code}
          onChange={setCode}
          onComplete={(digits) => void signIn({ code: digits })}
          onResend={() => void sendCode()}
          onChangeContact={() => setStep('send')}
          disabled={busy}
        />
      ) : (
        <ContactInput value={contact} onChange={setContact} />
      )}
      {step === 'password' && (
        <PasswordField
          label={say('password')}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          autoComplete="current-password"
          aside={
            <Link to="/app/forgotten" className="font-medium text-accent">
              {say('forgot')}
            </Link>
          }
        />
      )}
      <Problem error={error} />
      <Button type="submit" look="primary" wide busy={busy} disabled={!ready}>
        {say(step === 'send' ? 'sendCode' : 'signIn')}
      </Button>
      <Button
        look="quiet"
        wide
        onClick={() => {
          setError(null)
          setStep(step === 'password' ? 'send' : 'password')
        }}
      >
        {say(step === 'password' ? 'byCode' : 'byPassword')}
      </Button>
    </Door>
  )
}

function SecondStep({ challenge }: { challenge: Challenge }) {
  const say = useAccessWords()
  const [channel, setChannel] = useState<'sms' | 'email'>()
  const [code, setCode] = useState('')
  const { busy, error, run } = useAction()
  const send = (by: 'sms' | 'email') =>
    run(async () => {
      await api('POST /api/auth/login/2fa/send', { body: { pending_id: challenge.pending_id, channel: by } })
      setChannel(by)
    })
  const verify = (digits: string) =>
    run(async () => {
      if (!channel) return
      const answer = await api('POST /api/auth/login/2fa/verify', {
        body: { pending_id: challenge.pending_id, channel, code: digits },
      })
      await keepSession(answer.refresh_token)
    })
  const nameOf = (by: 'sms' | 'email') => say(by === 'sms' ? 'bySms' : 'byEmail')
  return (
    <Door title={say('twoStep')} about={say('twoStepAbout')} onSubmit={() => code.length === 6 && void verify(code)}>
      {channel ? (
        <>
          <CodeStep
            to={nameOf(channel)}
            code={code}
            onChange={setCode}
            onComplete={(digits) => void verify(digits)}
            onResend={() => void send(channel)}
            disabled={busy}
          />
          <Problem error={error} />
          <Button type="submit" look="primary" wide busy={busy} disabled={code.length < 6}>
            {say('continue')}
          </Button>
        </>
      ) : (
        <>
          {challenge.channels.map((by) => (
            <Button key={by} wide busy={busy} onClick={() => void send(by)}>
              {nameOf(by)}
            </Button>
          ))}
          <Problem error={error} />
        </>
      )}
    </Door>
  )
}
