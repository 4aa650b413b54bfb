// Another password: the old one proves who asks; other devices are signed out.

import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { isRefusal } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { tellChanged } from '../../../kit/api/use-api.ts'
import { Button } from '../../../kit/ui/button.tsx'
import { PasswordField } from '../../../kit/ui/field.tsx'
import { Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { toast } from '../../../kit/ui/toast.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'
import { useSecurityWords } from './security-words.ts'

export function PasswordScreen() {
  const say = useSecurityWords()
  const navigate = useNavigate()
  const [old, setOld] = useState('')
  const [next, setNext] = useState('')
  const { busy, error, run } = useAction()
  const save = () =>
    run(async () => {
      await api('POST /api/auth/password', { body: { old_password: old, new_password: next } })
      tellChanged('GET /api/security/status', 'GET /api/security/log')
      toast(say('passwordDone'))
      void navigate({ to: '/app/security', replace: true })
    })
  const oldIsWrong = isRefusal(error, 'InvalidCredential')
  const isWeak = isRefusal(error, 'PasswordWeak')
  return (
    <Screen title={say('password')} back="/app/security">
      <form
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (old && next) void save()
        }}
      >
        <Notice tone="warn">{say('passwordAbout')}</Notice>
        <PasswordField
          label={say('oldPassword')}
          value={old}
          onChange={(event) => setOld(event.target.value)}
          error={oldIsWrong ? error.message : undefined}
          autoComplete="current-password"
        />
        <PasswordField
          label={say('newPassword')}
          hint={say('passwordHint')}
          value={next}
          onChange={(event) => setNext(event.target.value)}
          error={isWeak ? error.message : undefined}
          autoComplete="new-password"
        />
        {!oldIsWrong && !isWeak && <Problem error={error} />}
        <Button type="submit" look="primary" wide busy={busy} disabled={old === '' || next === ''}>
          {say('save')}
        </Button>
      </form>
    </Screen>
  )
}
