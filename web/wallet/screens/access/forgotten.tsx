// A forgotten password: the code, a new password, and what it means for devices and money.

import { Link, useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { isRefusal } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { Button } from '../../../kit/ui/button.tsx'
import { PasswordField } from '../../../kit/ui/field.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { toast } from '../../../kit/ui/toast.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { useAccessWords } from './access-words.ts'
import { CodeStep } from './code-step.tsx'
import { type Contact, ContactInput, contactBody, contactText, isContact, noContact } from './contact-input.tsx'
import { Door } from './door.tsx'

export function ForgottenScreen() {
  const say = useAccessWords()
  const navigate = useNavigate()
  const [contact, setContact] = useState<Contact>(noContact)
  const [sent, setSent] = useState(false)
  const [code, setCode] = useState('')
  const [password, setPassword] = useState('')
  const { busy, error, run } = useAction()
  const send = () =>
    run(async () => {
      await api('POST /api/auth/code/send', { body: { ...contactBody(contact), scene: 'reset' } })
      setCode('')
      setSent(true)
    })
  const reset = () =>
    run(async () => {
      await api('POST /api/auth/password/reset', { body: { ...contactBody(contact), code, new_password: password } })
      toast(say('resetDone'))
      void navigate({ to: '/app/sign-in', replace: true })
    })
  const ready = sent ? code.length === 6 && password !== '' : isContact(contact)
  return (
    <Door
      title={say('reset')}
      about={say('resetAbout')}
      onSubmit={() => ready && void (sent ? reset() : send())}
      below={
        <Link to="/app/sign-in" className="font-semibold text-accent underline-offset-4 hover:underline">
          {say('signIn')}
        </Link>
      }
    >
      {sent ? (
        <>
          <CodeStep
            to={contactText(contact)}
            code={code}
            onChange={setCode}
            onResend={() => void send()}
            onChangeContact={() => setSent(false)}
            error={isRefusal(error, 'CodeWrong') ? error.message : undefined}
          />
          <PasswordField
            label={say('newPassword')}
            hint={say('passwordHint')}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            error={isRefusal(error, 'PasswordWeak') ? error.message : undefined}
            autoComplete="new-password"
          />
        </>
      ) : (
        <ContactInput value={contact} onChange={setContact} />
      )}
      {!isRefusal(error, 'CodeWrong', 'PasswordWeak') && <Problem error={error} />}
      <Button type="submit" look="primary" wide busy={busy} disabled={!ready}>
        {say(sent ? 'reset' : 'sendCode')}
      </Button>
    </Door>
  )
}
