// The application for a card account: the form that the issuer asks for, in one go. Nothing of it stays on this device.

import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { api } from '../../../kit/api/session.ts'
import { tellChanged } from '../../../kit/api/use-api.ts'
import { useLanguage } from '../../../kit/language.ts'
import { base64Of, type TakenPicture } from '../../../kit/picture.ts'
import { Button } from '../../../kit/ui/button.tsx'
import { SelectField, TextField } from '../../../kit/ui/field.tsx'
import { PictureField } from '../../../kit/ui/picture-field.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'
import { isFieldError, wrongAt } from '../identity/identity.tsx'
import { useCardWords } from './card-words.ts'

const COUNTRIES = [
  'CN',
  'HK',
  'MO',
  'TW',
  'SG',
  'MY',
  'TH',
  'VN',
  'ID',
  'PH',
  'JP',
  'KR',
  'IN',
  'AE',
  'GB',
  'DE',
  'FR',
  'ES',
  'IT',
  'US',
  'CA',
  'AU',
]

const empty = {
  first_name: '',
  last_name: '',
  email: '',
  country_code: 'CN',
  phone_number: '',
  date_of_birth: '',
  nationality: 'CN',
  id_type: 'PASSPORT' as 'ID_CARD' | 'PASSPORT',
  id_number: '',
  addr_country: 'CN',
  addr_state: '',
  addr_city: '',
  addr_line1: '',
  addr_line_en: '',
  addr_postal_code: '',
}
type Field = keyof typeof empty

export function CardApplyScreen() {
  const say = useCardWords()
  const language = useLanguage()
  const navigate = useNavigate()
  const [fields, setFields] = useState(empty)
  const [front, setFront] = useState<TakenPicture>()
  const { busy, error, run } = useAction()
  const names = new Intl.DisplayNames(language, { type: 'region' })
  const countries = COUNTRIES.map((value) => ({ value, label: names.of(value) ?? value }))
  const set = (name: Field, value: string) => setFields({ ...fields, [name]: value })
  const text = (name: Field, more: Partial<Parameters<typeof TextField>[0]> = {}) => (
    <TextField
      label={say(name)}
      value={fields[name]}
      error={wrongAt(error, name)}
      onChange={(event) => set(name, event.target.value)}
      {...more}
    />
  )
  const country = (name: Field) => (
    <SelectField
      label={say(name)}
      value={fields[name]}
      error={wrongAt(error, name)}
      onChange={(value) => set(name, value)}
      choices={countries}
    />
  )
  const ready = Object.values(fields).every((value) => value.trim() !== '') && front !== undefined
  const submit = () =>
    run(async () => {
      if (!front) return
      await api('POST /api/card/account', { body: { ...fields, id_front: await base64Of(front.blob) } })
      tellChanged('GET /api/card/account')
      void navigate({ to: '/app/cards', replace: true })
    })
  return (
    <Screen title={say('form')} back="/app/cards">
      <form
        className="space-y-2"
        onSubmit={(event) => {
          event.preventDefault()
          if (ready) void submit()
        }}
      >
        <p className="pb-2 text-dim">{say('formAbout')}</p>
        <div className="grid gap-x-3 sm:grid-cols-2">
          {text('last_name', { autoComplete: 'family-name', maxLength: 40 })}
          {text('first_name', { autoComplete: 'given-name', maxLength: 40 })}
        </div>
        {text('email', { type: 'email', autoComplete: 'email' })}
        <div className="grid gap-x-3 sm:grid-cols-2">
          {country('country_code')}
          {text('phone_number', { type: 'tel', inputMode: 'tel', autoComplete: 'tel-national', maxLength: 20 })}
        </div>
        <div className="grid gap-x-3 sm:grid-cols-2">
          {text('date_of_birth', { type: 'date', autoComplete: 'bday' })}
          {country('nationality')}
        </div>
        <div className="grid gap-x-3 sm:grid-cols-2">
          <SelectField
            label={say('id_type')}
            value={fields.id_type}
            onChange={(value) => set('id_type', value)}
            choices={(['PASSPORT', 'ID_CARD'] as const).map((value) => ({ value, label: say(value) }))}
          />
          {text('id_number', { autoComplete: 'off', spellCheck: false, maxLength: 40 })}
        </div>
        <PictureField label={say('id_front')} picture={front} onPicture={setFront} error={wrongAt(error, 'id_front')} />
        {country('addr_country')}
        <div className="grid gap-x-3 sm:grid-cols-2">
          {text('addr_state', { autoComplete: 'address-level1', maxLength: 100 })}
          {text('addr_city', { autoComplete: 'address-level2', maxLength: 100 })}
        </div>
        {text('addr_line1', { autoComplete: 'address-line1', maxLength: 200 })}
        {text('addr_line_en', { maxLength: 200 })}
        {text('addr_postal_code', { autoComplete: 'postal-code', maxLength: 20 })}
        {!isFieldError(error) && <Problem error={error} />}
        <Button type="submit" look="primary" wide busy={busy} disabled={!ready}>
          {say('submit')}
        </Button>
      </form>
    </Screen>
  )
}
