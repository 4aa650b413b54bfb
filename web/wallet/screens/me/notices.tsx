// What is told by mail and text message, by subject. The inbox has all of it in any case; security mails cannot be switched off.

import { api } from '../../../kit/api/session.ts'
import { tellChanged, useApi } from '../../../kit/api/use-api.ts'
import { texts } from '../../../kit/language.ts'
import { Section } from '../../../kit/ui/list.tsx'
import { Notice } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { SwitchRow } from '../../../kit/ui/switch.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'

const useWords = texts('notices', {
  title: ['通知', 'Notices'],
  about: ['站内信始终会收到;安全提醒不能关闭。', 'The inbox has all of it; security mails cannot be switched off.'],
  money_in: ['资金转入', 'Money in'],
  money_out: ['资金转出', 'Money out'],
  card: ['卡', 'Card'],
  earnings: ['收益', 'Earnings'],
  email: ['邮件', 'E-mail'],
  sms: ['短信', 'Text message'],
  from: ['{{amount}} USDT 起', 'From {{amount}} USDT'],
})

const topics = ['money_in', 'money_out', 'card', 'earnings'] as const
const ways = ['email', 'sms'] as const

export function NoticesScreen() {
  const say = useWords()
  const notices = useApi('GET /api/user/notices')
  const { busy, error, run } = useAction()
  const choose = (topic: (typeof topics)[number], way: (typeof ways)[number], on: boolean) =>
    run(async () => {
      await api('PATCH /api/user/notices', { body: { topics: { [topic]: { [way]: on } } } })
      tellChanged('GET /api/user/notices')
    })
  const data = notices.data
  return (
    <Screen title={say('title')} back="/app/me">
      <Notice tone="plain">{say('about')}</Notice>
      <Problem error={error} className="mt-3" />
      {data ? (
        topics.map((topic) => (
          <Section
            key={topic}
            title={say(topic)}
            aside={<span className="figures text-sm text-dim">{say('from', { amount: data.topics[topic].from })}</span>}
            className="mt-6"
          >
            <div className="divide-y divide-line">
              {ways
                .filter((way) => data.ways[way])
                .map((way) => (
                  <SwitchRow
                    key={way}
                    label={say(way)}
                    on={data.topics[topic][way]}
                    disabled={busy}
                    onChange={(on) => void choose(topic, way, on)}
                  />
                ))}
            </div>
          </Section>
        ))
      ) : notices.error ? (
        <Problem error={notices.error} onRetry={() => void notices.refetch()} className="mt-4" />
      ) : (
        <SkeletonRows />
      )}
    </Screen>
  )
}
