// An e-mail address or a phone number with its calling code: what every door asks for first.

import { useState } from 'react'
import type { BodyOf } from '../../../kit/api/http.ts'
import { TextField } from '../../../kit/ui/field.tsx'
import { Tabs } from '../../../kit/ui/tabs.tsx'
import { useAccessWords } from './access-words.ts'

export interface Contact {
  type: 'email' | 'mobile'
  text: string
  prefix: string
}

export const noContact: Contact = { type: 'email', text: '', prefix: '+86' }

export const contactBody = ({
  type,
  text,
  prefix,
}: Contact): Pick<BodyOf<'POST /api/auth/login'>, 'contact' | 'type' | 'mobile_prefix'> => ({
  contact: text.trim(),
  type,
  ...(type === 'mobile' ? { mobile_prefix: prefix } : {}),
})

export const contactText = ({ type, text, prefix }: Contact): string =>
  type === 'mobile' ? `${prefix} ${text.trim()}` : text.trim()

export const isContact = ({ type, text }: Contact): boolean =>
  type === 'email' ? /^\S+@\S+\.\S+$/.test(text.trim()) : /^[\d\s-]{5,}$/.test(text.trim())

const prefixes = [
  '+86',
  '+852',
  '+853',
  '+886',
  '+65',
  '+60',
  '+66',
  '+84',
  '+62',
  '+63',
  '+81',
  '+82',
  '+91',
  '+971',
  '+44',
  '+49',
  '+33',
  '+1',
  '+61',
]

export function ContactInput({
  value,
  onChange,
  error,
}: {
  value: Contact
  onChange(contact: Contact): void
  error?: string | undefined
}) {
  const say = useAccessWords()
  const [touched, setTouched] = useState(false)
  const isMobile = value.type === 'mobile'
  return (
    <div className="space-y-4">
      <Tabs
        label={say('contactKind')}
        value={value.type}
        onChange={(type) => onChange({ ...value, type, text: '' })}
        tabs={[
          { value: 'email', label: say('email') },
          { value: 'mobile', label: say('mobile') },
        ]}
      />
      <TextField
        label={say(isMobile ? 'mobile' : 'email')}
        value={value.text}
        onChange={(event) => onChange({ ...value, text: event.target.value })}
        onBlur={() => setTouched(true)}
        type={isMobile ? 'tel' : 'email'}
        inputMode={isMobile ? 'tel' : 'email'}
        autoComplete={isMobile ? 'tel-national' : 'username'}
        autoCapitalize="none"
        spellCheck={false}
        placeholder={isMobile ? '138 0013 8000' : say('emailPlaceholder')}
        error={touched ? error : undefined}
        left={
          isMobile && (
            <select
              aria-label={say('prefix')}
              value={value.prefix}
              onChange={(event) => onChange({ ...value, prefix: event.target.value })}
              className="h-10 w-21 rounded-control bg-transparent pl-2 text-base text-ink"
            >
              {prefixes.map((prefix) => (
                <option key={prefix}>{prefix}</option>
              ))}
            </select>
          )
        }
      />
    </div>
  )
}
