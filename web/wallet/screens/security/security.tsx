// The security centre: what protects payments and sign-ins, what is on hold after a change, and what happened.

import { Link } from '@tanstack/react-router'
import { Braces, KeyRound, LaptopMinimal, Lock, type LucideIcon, Mail, Smartphone } from 'lucide-react'
import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { shortText } from '../../../kit/time.ts'
import { RowBody, rowLook, rowsLook, Section } from '../../../kit/ui/list.tsx'
import { Chip, Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { SwitchRow } from '../../../kit/ui/switch.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'
import { useEventWords } from './event-words.ts'
import { useSecurityWords } from './security-words.ts'

export function SecurityScreen() {
  const say = useSecurityWords()
  const status = useApi('GET /api/security/status')
  const me = useApi('GET /api/user/me')
  const { busy, error, run } = useAction()
  const data = status.data
  const switchLogin = (channel: 'email' | 'sms', enabled: boolean) =>
    run(async () => {
      await api('POST /api/auth/login2fa', { body: { channel, enabled } })
      tellChanged('GET /api/security/status', 'GET /api/security/log')
    })
  const lead = (to: string, Icon: LucideIcon, title: string, chip?: { good: boolean; word: string }) => (
    <li>
      <Link to={to} className={rowLook}>
        <RowBody
          icon={<Icon aria-hidden className="size-[18px]" />}
          title={title}
          right={chip && <Chip tone={chip.good ? 'good' : 'warn'}>{chip.word}</Chip>}
          leads
        />
      </Link>
    </li>
  )
  return (
    <Screen title={say('title')} back="/app/me">
      {data?.money_out_held_until && (
        <Notice tone="warn" title={say('heldTitle', { time: shortText(data.money_out_held_until) })}>
          {say('heldAbout')}
        </Notice>
      )}
      {data ? (
        <>
          <Section title={say('payments')} className="mt-4">
            <ul className={rowsLook}>
              {lead('/app/security/pin', KeyRound, say('pin'), {
                good: data.payment_password_set,
                word: say(data.payment_password_set ? 'pinSet' : 'pinNotSet'),
              })}
              {lead('/app/security/totp', Smartphone, say('totp'), {
                good: data.totp_enabled,
                word: say(data.totp_enabled ? 'on' : 'off'),
              })}
            </ul>
          </Section>
          <Section title={say('access')}>
            <ul className={rowsLook}>
              {lead('/app/security/password', Lock, say('password'))}
              {lead('/app/security/contact', Mail, say('contact'))}
              {lead('/app/security/devices', LaptopMinimal, say('devices'))}
              {lead('/app/api-keys', Braces, say('apiKeys'))}
            </ul>
            <div className="divide-y divide-line border-t border-line">
              {me.data?.email && (
                <SwitchRow
                  label={say('login2faEmail')}
                  on={data.login2fa.email}
                  disabled={busy}
                  onChange={(on) => void switchLogin('email', on)}
                />
              )}
              {me.data?.phone && (
                <SwitchRow
                  label={say('login2faSms')}
                  on={data.login2fa.sms}
                  disabled={busy}
                  onChange={(on) => void switchLogin('sms', on)}
                />
              )}
            </div>
            <Problem error={error} />
          </Section>
        </>
      ) : status.error ? (
        <Problem error={status.error} onRetry={() => void status.refetch()} />
      ) : (
        <SkeletonRows count={5} />
      )}
      <Log />
    </Screen>
  )
}

function Log() {
  const say = useSecurityWords()
  const nameOf = useEventWords()
  const log = useApi('GET /api/security/log', { query: { size: '20' } })
  return (
    <Section title={say('log')}>
      {log.data ? (
        <ul className={rowsLook}>
          {log.data.map((entry) => (
            <li key={`${entry.created_at} ${entry.event_type}`}>
              <RowBody
                title={nameOf(entry.event_type)}
                about={<span className="figures">{[entry.device, entry.ip].filter(Boolean).join(' · ')}</span>}
                right={
                  <span className="text-sm font-normal text-dim">
                    <When at={entry.created_at} />
                  </span>
                }
              />
            </li>
          ))}
          {log.data.length === 0 && <li className="py-3 text-dim">{say('logEmpty')}</li>}
        </ul>
      ) : log.error ? (
        <Problem error={log.error} onRetry={() => void log.refetch()} />
      ) : (
        <SkeletonRows count={4} />
      )}
    </Section>
  )
}
