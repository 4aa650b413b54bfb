// The authenticator: set up with a code to scan, confirmed by its first six digits; switched off with the PIN.

import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import type { DataOf } from '../../../kit/api/http.ts'
import { isRefusal } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { Button } from '../../../kit/ui/button.tsx'
import { CodeField } from '../../../kit/ui/code-field.tsx'
import { CopyRow } from '../../../kit/ui/copy.tsx'
import { PasswordField, TextField } from '../../../kit/ui/field.tsx'
import { Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { QrCode } from '../../../kit/ui/qr.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { toast } from '../../../kit/ui/toast.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'
import { MoneyProof, type Proof } from '../../proof/money-proof.tsx'
import { useSecurityWords } from './security-words.ts'

export function TotpScreen() {
  const say = useSecurityWords()
  const status = useApi('GET /api/security/status')
  return (
    <Screen title={say('totp')} back="/app/security">
      {status.data ? (
        status.data.totp_enabled ? (
          <SwitchOff />
        ) : (
          <SetUp />
        )
      ) : status.error ? (
        <Problem error={status.error} onRetry={() => void status.refetch()} />
      ) : (
        <Bone className="h-64 w-full" />
      )}
    </Screen>
  )
}

function useLeave(word: 'totpDone' | 'totpOffDone') {
  const say = useSecurityWords()
  const navigate = useNavigate()
  return () => {
    tellChanged('GET /api/security/status', 'GET /api/security/log', 'GET /api/user/me')
    toast(say(word))
    void navigate({ to: '/app/security', replace: true })
  }
}

function SetUp() {
  const say = useSecurityWords()
  const leave = useLeave('totpDone')
  const [password, setPassword] = useState('')
  const [made, setMade] = useState<DataOf<'POST /api/security/2fa/setup'>>()
  const [code, setCode] = useState('')
  const { busy, error, run } = useAction()
  const make = () =>
    run(async () => setMade(await api('POST /api/security/2fa/setup', { body: { login_password: password } })))
  const confirm = (digits: string) =>
    run(async () => {
      try {
        await api('POST /api/security/2fa/confirm', { body: { code: digits } })
      } catch (refused) {
        setCode('')
        throw refused
      }
      leave()
    })
  if (!made) {
    return (
      <form
        className="space-y-3"
        onSubmit={(event) => {
          event.preventDefault()
          if (password) void make()
        }}
      >
        <p className="pb-2 text-dim">{say('totpAbout')}</p>
        <PasswordField
          label={say('loginPassword')}
          hint={say('loginPasswordHint')}
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          autoComplete="current-password"
        />
        <Problem error={error} />
        <Button type="submit" look="primary" wide busy={busy} disabled={password === ''}>
          {say('next')}
        </Button>
      </form>
    )
  }
  return (
    <div>
      <p className="text-dim">{say('totpAbout')}</p>
      <QrCode text={made.otpauth_uri} className="mx-auto mt-4 size-52 border border-line" />
      <p className="mt-4 mb-1 text-sm text-dim">{say('totpKey')}</p>
      <CopyRow text={made.secret}>
        <code className="font-mono text-sm">{made.secret.match(/.{1,4}/g)?.join(' ')}</code>
      </CopyRow>
      <div className="mt-6">
        <CodeField
          label={say('totpVerify')}
          value={code}
          onChange={setCode}
          onComplete={(digits) => void confirm(digits)}
          disabled={busy}
          error={isRefusal(error, 'TOTPWrong') ? error.message : undefined}
        />
        {!isRefusal(error, 'TOTPWrong') && <Problem error={error} />}
      </div>
    </div>
  )
}

function SwitchOff() {
  const say = useSecurityWords()
  const leave = useLeave('totpOffDone')
  const [code, setCode] = useState('')
  const [open, setOpen] = useState(false)
  const off = async ({ payment_password }: Proof) => {
    await api('POST /api/security/2fa/disable', { body: { payment_password, ...(code ? { totp_code: code } : {}) } })
    leave()
  }
  return (
    <div className="space-y-4">
      <Notice tone="good">{say('on')}</Notice>
      <p className="text-dim">{say('totpOffAbout')}</p>
      <TextField
        label={say('totpCode')}
        value={code}
        inputMode="numeric"
        autoComplete="one-time-code"
        maxLength={6}
        onChange={(event) => setCode(event.target.value.replace(/\D/g, ''))}
      />
      <Button look="danger" wide onClick={() => setOpen(true)}>
        {say('totpOff')}
      </Button>
      <MoneyProof
        open={open}
        onClose={() => setOpen(false)}
        about={say('totpOff')}
        onProof={off}
        money={false}
        pinOnly
      />
    </div>
  )
}
