// Me: who I am here, everything else there is, and how I like it: language, colours, hidden amounts.

import { Link } from '@tanstack/react-router'
import { BadgeCheck, Bell, BookUser, Landmark, type LucideIcon, Scale, ShieldCheck, Sprout, Users } from 'lucide-react'
import { useState } from 'react'
import { api, endSession } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { type Language, setLanguage, texts, useLanguage } from '../../../kit/language.ts'
import { amountsHidden, type Theme, theme } from '../../../kit/preference.ts'
import { useSignal } from '../../../kit/signal.ts'
import { Avatar } from '../../../kit/ui/avatar.tsx'
import { Button } from '../../../kit/ui/button.tsx'
import { useCopied } from '../../../kit/ui/copy.tsx'
import { SelectField, TextField } from '../../../kit/ui/field.tsx'
import { useKitWords } from '../../../kit/ui/kit-words.ts'
import { RowBody, rowLook, rowsLook, Section } from '../../../kit/ui/list.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Sheet } from '../../../kit/ui/sheet.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { SwitchRow } from '../../../kit/ui/switch.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'

const useWords = texts('me', {
  title: ['我的', 'Me'],
  security: ['安全中心', 'Security'],
  securityAbout: ['支付密码、验证器、设备', 'PIN, authenticator, devices'],
  kyc: ['实名认证', 'Identity'],
  kycDone: ['已认证', 'Verified'],
  kycPending: ['审核中', 'In review'],
  kycNone: ['未认证', 'Not verified'],
  addresses: ['提现地址簿', 'Address book'],
  recipients: ['汇款收款人', 'Remittance recipients'],
  notices: ['通知', 'Notices'],
  nodes: ['节点', 'Nodes'],
  team: ['团队与返佣', 'Team & commissions'],
  reserves: ['储备金证明', 'Proof of reserves'],
  settings: ['偏好', 'Preferences'],
  language: ['语言', 'Language'],
  theme: ['外观', 'Appearance'],
  system: ['跟随系统', 'As the system'],
  light: ['浅色', 'Light'],
  dark: ['深色', 'Dark'],
  hidden: ['隐藏金额', 'Hide amounts'],
  signOut: ['退出登录', 'Sign out'],
  signOutAsk: ['退出登录?', 'Sign out?'],
  signOutAbout: ['本设备上的离线数据会一并清除。', 'What this device keeps for being offline is dropped as well.'],
  nickname: ['昵称', 'Nickname'],
  edit: ['编辑昵称', 'Edit nickname'],
  save: ['保存', 'Save'],
})

interface Lead {
  to: string
  word: 'security' | 'kyc' | 'addresses' | 'recipients' | 'notices' | 'nodes' | 'team' | 'reserves'
  Icon: LucideIcon
}
const leads: readonly Lead[][] = [
  [
    { to: '/app/security', word: 'security', Icon: ShieldCheck },
    { to: '/app/kyc', word: 'kyc', Icon: BadgeCheck },
    { to: '/app/addresses', word: 'addresses', Icon: BookUser },
    { to: '/app/remit/recipients', word: 'recipients', Icon: Landmark },
    { to: '/app/notices', word: 'notices', Icon: Bell },
  ],
  [
    { to: '/app/nodes', word: 'nodes', Icon: Sprout },
    { to: '/app/team', word: 'team', Icon: Users },
    { to: '/app/reserves', word: 'reserves', Icon: Scale },
  ],
]

export function MeScreen() {
  const say = useWords()
  const kit = useKitWords()
  const me = useApi('GET /api/user/me')
  const language = useLanguage()
  const colours = useSignal(theme)
  const hidden = useSignal(amountsHidden)
  const [editing, setEditing] = useState(false)
  const [copied, copy] = useCopied()
  const status = me.data?.kyc_status
  const aboutOf = (word: Lead['word']) =>
    word === 'security'
      ? say('securityAbout')
      : word === 'kyc' && status
        ? say(status === 'none' ? 'kycNone' : /pending|review/.test(status) ? 'kycPending' : 'kycDone')
        : undefined
  return (
    <Screen title={say('title')}>
      {me.data ? (
        <div className="flex items-center gap-4 pt-2">
          <Avatar name={me.data.nickname ?? me.data.uid} />
          <div className="min-w-0 flex-1">
            <p className="truncate text-lg font-semibold">{me.data.nickname ?? me.data.uid}</p>
            <p className="text-sm text-dim">
              <button type="button" className="figures min-h-8" onClick={() => copy(me.data.uid)}>
                {me.data.uid} · <span aria-live="polite">{kit(copied ? 'copied' : 'copy')}</span>
              </button>
              <span className="block truncate">{[me.data.email, me.data.phone].filter(Boolean).join(' · ')}</span>
            </p>
          </div>
          <Button small onClick={() => setEditing(true)}>
            {say('edit')}
          </Button>
        </div>
      ) : me.error ? (
        <Problem error={me.error} onRetry={() => void me.refetch()} />
      ) : (
        <Bone className="mt-2 h-14 w-full" />
      )}
      {leads.map((group) => (
        <ul key={group[0]?.to} className={`${rowsLook} mt-6 border-y border-line`}>
          {group.map(({ to, word, Icon }) => (
            <li key={to}>
              <Link to={to} className={rowLook}>
                <RowBody
                  icon={<Icon aria-hidden className="size-[18px]" />}
                  title={say(word)}
                  about={aboutOf(word)}
                  leads
                />
              </Link>
            </li>
          ))}
        </ul>
      ))}
      <Section title={say('settings')}>
        <div className="grid gap-x-4 sm:grid-cols-2">
          <SelectField
            label={say('language')}
            value={language}
            onChange={(next) => {
              void setLanguage(next as Language)
              void api('PATCH /api/user/me', { body: { locale: next === 'en' ? 'en' : 'zh' } }).catch(() => {})
            }}
            choices={[
              { value: 'zh-CN', label: '简体中文' },
              { value: 'en', label: 'English' },
            ]}
          />
          <SelectField
            label={say('theme')}
            value={colours}
            onChange={(next) => theme.set(next as Theme)}
            choices={(['system', 'light', 'dark'] as const).map((each) => ({ value: each, label: say(each) }))}
          />
        </div>
        <SwitchRow label={say('hidden')} on={hidden} onChange={(on) => amountsHidden.set(on)} />
      </Section>
      <SignOut />
      <Nickname open={editing} onClose={() => setEditing(false)} now={me.data?.nickname ?? ''} />
    </Screen>
  )
}

function SignOut() {
  const say = useWords()
  const [asking, setAsking] = useState(false)
  const { busy, error, run } = useAction()
  return (
    <>
      <Button wide className="mt-6" onClick={() => setAsking(true)}>
        {say('signOut')}
      </Button>
      <Sheet open={asking} onClose={() => setAsking(false)} title={say('signOutAsk')} about={say('signOutAbout')}>
        <Problem error={error} />
        <Button look="danger" wide busy={busy} className="mt-3" onClick={() => void run(endSession)}>
          {say('signOut')}
        </Button>
      </Sheet>
    </>
  )
}

function Nickname({ open, onClose, now }: { open: boolean; onClose(): void; now: string }) {
  const say = useWords()
  const [name, setName] = useState<string>()
  const { busy, error, run } = useAction()
  const save = () =>
    run(async () => {
      await api('PATCH /api/user/me', { body: { nickname: (name ?? now).trim() || null } })
      tellChanged('GET /api/user/me')
      onClose()
    })
  return (
    <Sheet open={open} onClose={onClose} title={say('edit')}>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void save()
        }}
      >
        <TextField
          label={say('nickname')}
          value={name ?? now}
          maxLength={32}
          onChange={(event) => setName(event.target.value)}
          autoComplete="nickname"
        />
        <Problem error={error} className="mb-3" />
        <Button type="submit" look="primary" wide busy={busy}>
          {say('save')}
        </Button>
      </form>
    </Sheet>
  )
}
