// Signing in: address, password and the authenticator's code at once, as the server tells nothing about which was wrong.
// Joining: an invitation code, a password, and a code of the new authenticator.

import { type FormEvent, useState } from 'react'
import { texts } from '../../kit/language.ts'
import { Button } from '../../kit/ui/button.tsx'
import { CodeField } from '../../kit/ui/code-field.tsx'
import { CopyRow } from '../../kit/ui/copy.tsx'
import { PasswordField, TextField } from '../../kit/ui/field.tsx'
import { Notice } from '../../kit/ui/notice.tsx'
import { Problem } from '../../kit/ui/problem.tsx'
import { QrCode } from '../../kit/ui/qr.tsx'
import { askOpen } from '../api/ask.ts'
import { keep, signIn } from '../api/session.ts'

const useSignInWords = texts('console sign-in', {
  title: ['登录运营后台', 'Sign in to operations'],
  email: ['邮箱', 'E-mail'],
  password: ['密码', 'Password'],
  code: ['动态口令', 'Authenticator code'],
  submit: ['登录', 'Sign in'],
  idle: ['15 分钟无操作,已自动退出。', 'Nobody was here for 15 minutes, so you were signed out.'],
  ended: ['登录已失效,请重新登录。', 'Your session has ended. Please sign in again.'],
  left: ['已退出登录。', 'You have signed out.'],
  join: ['收到邀请码?在此加入', 'Were you invited? Join here'],
  back: ['返回登录', 'Back to signing in'],
  joinTitle: ['接受邀请', 'Accept an invitation'],
  invitation: ['邀请码', 'Invitation code'],
  newPassword: ['设置密码', 'Choose a password'],
  next: ['下一步', 'Next'],
  scan: ['用身份验证器扫描,然后输入 6 位动态口令。', 'Scan this with your authenticator, then enter its six digits.'],
  finish: ['完成并登录', 'Finish and sign in'],
  lost: [
    '丢失身份验证器?请联系有服务器权限的同事重新邀请。',
    'Lost your authenticator? A colleague with a shell of this installation can invite you again.',
  ],
})

export function SignIn({ why }: { why: 'never' | 'ended' | 'idle' | 'left' }) {
  const say = useSignInWords()
  const [isJoining, setJoining] = useState(false)
  return (
    <main className="flex flex-1 justify-center px-4 py-[8dvh]">
      <div className="w-full max-w-sm">
        <p className="mb-8 text-lg font-semibold">UniPay</p>
        {isJoining ? <Join /> : <Enter why={why} />}
        <button
          type="button"
          className="mt-6 text-sm font-medium text-accent hover:underline"
          onClick={() => setJoining(!isJoining)}
        >
          {say(isJoining ? 'back' : 'join')}
        </button>
        <p className="mt-3 text-xs text-dim">{say('lost')}</p>
      </div>
    </main>
  )
}

function Enter({ why }: { why: 'never' | 'ended' | 'idle' | 'left' }) {
  const say = useSignInWords()
  const [email, setEmail] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const submit = async (event?: FormEvent) => {
    event?.preventDefault()
    if (isBusy) return
    setBusy(true)
    setProblem(undefined)
    try {
      await signIn(email.trim(), password, code)
    } catch (error) {
      setProblem(error)
      setCode('')
      setBusy(false)
    }
  }
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-2">
      <h1 className="mb-3 text-xl font-semibold">{say('title')}</h1>
      {why !== 'never' && !problem && (
        <Notice tone={why === 'left' ? 'plain' : 'warn'} className="mb-3">
          {say(why)}
        </Notice>
      )}
      {problem !== undefined && <Problem error={problem} className="mb-3" />}
      <TextField
        label={say('email')}
        type="email"
        autoComplete="username"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <PasswordField
        label={say('password')}
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      <CodeField label={say('code')} value={code} onChange={setCode} />
      <Button
        type="submit"
        look="primary"
        wide
        busy={isBusy}
        disabled={email === '' || password === '' || code.length < 6}
      >
        {say('submit')}
      </Button>
    </form>
  )
}

function Join() {
  const say = useSignInWords()
  const [invitation, setInvitation] = useState('')
  const [password, setPassword] = useState('')
  const [code, setCode] = useState('')
  const [secret, setSecret] = useState<{ secret: string; otpauth_uri: string }>()
  const [isBusy, setBusy] = useState(false)
  const [problem, setProblem] = useState<unknown>()
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setProblem(undefined)
    try {
      if (!secret) {
        setSecret(await askOpen('POST /auth/invitation/accept', { body: { code: invitation.trim(), password } }))
      } else {
        const body = { code: invitation.trim(), totp_code: code }
        const { token } = await askOpen('POST /auth/invitation/confirm', { body })
        await keep(token)
      }
    } catch (error) {
      setProblem(error)
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={(event) => void submit(event)} className="flex flex-col gap-2">
      <h1 className="mb-3 text-xl font-semibold">{say('joinTitle')}</h1>
      {problem !== undefined && <Problem error={problem} className="mb-3" />}
      {secret ? (
        <>
          <p className="text-sm text-dim">{say('scan')}</p>
          <QrCode text={secret.otpauth_uri} className="my-2 size-52" />
          <CopyRow text={secret.secret} className="mb-3 font-mono text-sm" />
          <CodeField label={say('code')} value={code} onChange={setCode} autoFocus />
        </>
      ) : (
        <>
          <TextField
            label={say('invitation')}
            required
            autoComplete="off"
            value={invitation}
            onChange={(event) => setInvitation(event.target.value)}
          />
          <PasswordField
            label={say('newPassword')}
            required
            autoComplete="new-password"
            value={password}
            onChange={(event) => setPassword(event.target.value)}
          />
        </>
      )}
      <Button
        type="submit"
        look="primary"
        wide
        busy={isBusy}
        disabled={secret ? code.length < 6 : invitation === '' || password === ''}
      >
        {say(secret ? 'finish' : 'next')}
      </Button>
    </form>
  )
}
