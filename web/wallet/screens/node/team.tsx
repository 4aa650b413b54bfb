// The team: the invitation, how many there are, and commissions by layer with what they were reckoned from.

import { useApi } from '../../../kit/api/use-api.ts'
import { texts } from '../../../kit/language.ts'
import { Amount } from '../../../kit/ui/amount.tsx'
import { CopyRow } from '../../../kit/ui/copy.tsx'
import { Empty, Facts, RowBody, rowsLook, Section } from '../../../kit/ui/list.tsx'
import { Chip } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { QrCode } from '../../../kit/ui/qr.tsx'
import { SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { Screen } from '../../frame/screen.tsx'

const useWords = texts('team', {
  title: ['团队与返佣', 'Team & commissions'],
  total: ['累计返佣', 'Commissions in all'],
  today: ['今日', 'Today'],
  direct: ['直推', 'Invited by me'],
  all: ['团队总人数', 'In my team'],
  week: ['本周新增', 'New this week'],
  month: ['本月新增', 'New this month'],
  invite: ['邀请', 'Invite'],
  code: ['邀请码', 'Invite code'],
  link: ['邀请链接', 'Link'],
  members: ['直推成员', 'People I invited'],
  membersEmpty: ['还没有成员', 'Nobody yet'],
  membersAbout: ['分享邀请链接,好友注册后会出现在这里。', 'Share your link; those who sign up with it show here.'],
  subs: ['下级 {{count}} 人', '{{count}} below'],
  nodeHolder: ['节点', 'Node'],
  rewards: ['返佣明细', 'Commissions'],
  rewardsEmpty: ['还没有返佣', 'None yet'],
  layer: ['第 {{layer}} 层', 'Layer {{layer}}'],
})

export function TeamScreen() {
  const say = useWords()
  const money = useApi('GET /api/commission/me/summary')
  const summary = useApi('GET /api/user/team/summary')
  const invite = useApi('GET /api/user/invite-code')
  const members = useApi('GET /api/user/team', { query: { size: '50' } })
  const rewards = useApi('GET /api/commission/rewards', { query: { size: '30' } })
  return (
    <Screen title={say('title')} back="/app/me">
      <p className="text-sm text-dim">{say('total')}</p>
      <p className="text-4xl font-semibold">
        <Amount value={money.data?.total ?? '0'} unit="USDT" />
      </p>
      <Problem error={money.error ?? summary.error} onRetry={() => void summary.refetch()} className="mt-2" />
      <Facts
        className="mt-2"
        facts={[
          { label: say('today'), value: <Amount value={money.data?.today ?? '0'} unit="USDT" /> },
          { label: say('direct'), value: <span className="figures">{summary.data?.direct ?? '–'}</span> },
          { label: say('all'), value: <span className="figures">{summary.data?.recursive ?? '–'}</span> },
          { label: say('month'), value: <span className="figures">{summary.data?.this_month_new ?? '–'}</span> },
        ]}
      />
      {invite.data && (
        <Section title={say('invite')}>
          <QrCode text={invite.data.share_url} className="mx-auto size-44 border border-line" />
          <p className="mt-3 mb-1 text-sm text-dim">{say('code')}</p>
          <CopyRow text={invite.data.code} />
          <p className="mt-3 mb-1 text-sm text-dim">{say('link')}</p>
          <CopyRow text={invite.data.share_url}>
            <span className="text-sm">{invite.data.share_url}</span>
          </CopyRow>
        </Section>
      )}
      <Section title={say('members')}>
        {members.data ? (
          members.data.items.length === 0 ? (
            <Empty title={say('membersEmpty')}>{say('membersAbout')}</Empty>
          ) : (
            <ul className={rowsLook}>
              {members.data.items.map((member) => (
                <li key={member.uid}>
                  <RowBody
                    title={
                      <span className="figures flex items-center gap-2">
                        {member.uid} {member.is_node && <Chip tone="good">{say('nodeHolder')}</Chip>}
                      </span>
                    }
                    about={say('subs', { count: member.sub_count })}
                    right={
                      <span className="text-sm font-normal text-dim">
                        <When at={member.created_at} />
                      </span>
                    }
                  />
                </li>
              ))}
            </ul>
          )
        ) : members.error ? (
          <Problem error={members.error} onRetry={() => void members.refetch()} />
        ) : (
          <SkeletonRows count={3} />
        )}
      </Section>
      <Section title={say('rewards')}>
        {rewards.data?.items.length === 0 && <p className="text-sm text-dim">{say('rewardsEmpty')}</p>}
        <ul className={rowsLook}>
          {rewards.data?.items.map((reward) => (
            <li key={reward.id}>
              <RowBody
                title={say('layer', { layer: reward.layer })}
                about={
                  <span className="figures">
                    {reward.base} × {reward.rate} · <When at={reward.created_at} />
                  </span>
                }
                right={<Amount value={reward.amount} way="in" />}
              />
            </li>
          ))}
        </ul>
      </Section>
    </Screen>
  )
}
