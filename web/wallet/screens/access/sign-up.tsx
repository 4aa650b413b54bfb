// Signing up: a contact, the code that was sent to it, a password. An invitation's code comes with the address.

import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { isRefusal } from '../../../kit/api/http.ts'
import { api, keepSession } from '../../../kit/api/session.ts'
import { Button } from '../../../kit/ui/button.tsx'
import { PasswordField, TextField } from '../../../kit/ui/field.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { useAccessWords } from './access-words.ts'
import { CodeStep } from './code-step.tsx'
import { type Contact, ContactInput, contactBody, contactText, isContact, noContact } from './contact-input.tsx'
import { Door } from './door.tsx'

export function SignUpScreen() {
  const say = useAccessWords()
  const navigate = useNavigate()
  const { ref } = useSearch({ strict: false }) as { ref?: unknown }
  const [contact, setContact] = useState<Contact>(noContact)
  const [sent, setSent] = useState(false)
  const [code, setCode] = useState('')
  const [password, setPassword] = useState('')
  const [invite, setInvite] = useState(typeof ref === 'string' || typeof ref === 'number' ? String(ref) : '')
  const { busy, error, run } = useAction()

  const send = () =>
    run(async () => {
      await api('POST /api/auth/code/send', { body: { ...contactBody(contact), scene: 'register' } })
      setCode('')
      setSent(true)
    })
  const register = () =>
    run(async () => {
      const answer = await api('POST /api/auth/register', {
        body: { ...contactBody(contact), code, password, ...(invite ? { invite_code: invite.trim() } : {}) },
      })
      await keepSession(answer.refresh_token)
      void navigate({ to: '/', replace: true })
    })
  const ready = sent ? code.length === 6 && password !== '' : isContact(contact)
  const codeIsWrong = isRefusal(error, 'CodeWrong')
  return (
    <Door
      title={say('createAccount')}
      about={say('tagline')}
      onSubmit={() => ready && void (sent ? register() : send())}
      below={
        <p className="text-dim">
          {say('haveAccount')}{' '}
          <Link to="/app/sign-in" className="font-semibold text-accent underline-offset-4 hover:underline">
            {say('signIn')}
          </Link>
        </p>
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
            error={codeIsWrong ? error.message : undefined}
          />
          <PasswordField
            label={say('setPassword')}
            hint={say('passwordHint')}
            value={password}
            onChange={(event) => setPassword(event.target.value)}
            error={isRefusal(error, 'PasswordWeak') ? error.message : undefined}
            autoComplete="new-password"
          />
          <TextField
            label={say('invite')}
            value={invite}
            onChange={(event) => setInvite(event.target.value)}
            error={isRefusal(error, 'InviteCodeUnknown') ? error.message : undefined}
            autoCapitalize="characters"
            spellCheck={false}
          />
        </>
      ) : (
        <ContactInput value={contact} onChange={setContact} />
      )}
      {!isRefusal(error, 'CodeWrong', 'PasswordWeak', 'InviteCodeUnknown') && <Problem error={error} />}
      <Button type="submit" look="primary" wide busy={busy} disabled={!ready}>
        {say(sent ? 'createAccount' : 'sendCode')}
      </Button>
    </Door>
  )
}
