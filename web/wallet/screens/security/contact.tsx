// The account's e-mail address and phone number: which are bound, and binding another by a code that is sent to it.

import { Mail, Smartphone } from 'lucide-react'
import { useState } from 'react'
import { isRefusal } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { Button } from '../../../kit/ui/button.tsx'
import { RowBody, rowsLook, Section } from '../../../kit/ui/list.tsx'
import { Chip, Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { toast } from '../../../kit/ui/toast.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'
import { CodeStep } from '../access/code-step.tsx'
import { type Contact, ContactInput, contactBody, contactText, isContact, noContact } from '../access/contact-input.tsx'
import { useSecurityWords } from './security-words.ts'

export function ContactScreen() {
  const say = useSecurityWords()
  const me = useApi('GET /api/user/me')
  const [contact, setContact] = useState<Contact>(noContact)
  const [sent, setSent] = useState(false)
  const [code, setCode] = useState('')
  const { busy, error, run } = useAction()
  const send = () =>
    run(async () => {
      await api('POST /api/auth/contact/bind/send', { body: contactBody(contact) })
      setCode('')
      setSent(true)
    })
  const bind = (digits: string) =>
    run(async () => {
      try {
        await api('POST /api/auth/contact/bind/verify', { body: { ...contactBody(contact), code: digits } })
      } catch (refused) {
        setCode('')
        throw refused
      }
      tellChanged('GET /api/user/me', 'GET /api/security/status', 'GET /api/security/log')
      toast(say('bound'))
      setSent(false)
      setContact(noContact)
    })
  const rows = [
    { word: 'email', Icon: Mail, value: me.data?.email },
    { word: 'phone', Icon: Smartphone, value: me.data?.phone },
  ] as const
  return (
    <Screen title={say('contact')} back="/app/security">
      {me.data ? (
        <ul className={rowsLook}>
          {rows.map(({ word, Icon, value }) => (
            <li key={word}>
              <RowBody
                icon={<Icon aria-hidden className="size-[18px]" />}
                title={value ?? say('notBound')}
                about={say(word)}
                right={<Chip tone={value ? 'good' : 'plain'}>{say(value ? 'bound' : 'notBound')}</Chip>}
              />
            </li>
          ))}
        </ul>
      ) : me.error ? (
        <Problem error={me.error} onRetry={() => void me.refetch()} />
      ) : (
        <SkeletonRows count={2} />
      )}
      <Section title={say('bind')}>
        <form
          className="space-y-3"
          onSubmit={(event) => {
            event.preventDefault()
            if (isContact(contact) && !sent) void send()
          }}
        >
          <Notice tone="warn">{say('bindAbout')}</Notice>
          {sent ? (
            <CodeStep
              to={contactText(contact)}
              code={code}
              onChange={setCode}
              onComplete={(digits) => void bind(digits)}
              onResend={() => void send()}
              onChangeContact={() => setSent(false)}
              error={isRefusal(error, 'CodeWrong') ? error.message : undefined}
              disabled={busy}
            />
          ) : (
            <ContactInput value={contact} onChange={setContact} />
          )}
          {!isRefusal(error, 'CodeWrong') && <Problem error={error} />}
          {!sent && (
            <Button type="submit" look="primary" wide busy={busy} disabled={!isContact(contact)}>
              {say('sendCode')}
            </Button>
          )}
        </form>
      </Section>
    </Screen>
  )
}
