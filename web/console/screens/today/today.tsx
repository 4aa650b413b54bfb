// The first screen of the day: what is wrong, what waits, then how much moved. Every number leads to what it counts.
// Must stay true: an exception is never below a volume; when nothing is wrong that is said, not left empty.

import { CircleAlert, CircleCheck, TriangleAlert } from 'lucide-react'
import { lazy, type ReactNode, Suspense, useState } from 'react'
import { texts } from '../../../kit/language.ts'
import { cx } from '../../../kit/ui/cx.ts'
import { Problem } from '../../../kit/ui/problem.tsx'
import { Bone } from '../../../kit/ui/skeleton.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { type Data, useAsk } from '../../api/ask.ts'
import { A } from '../../frame/link.tsx'
import { useToday } from '../../frame/nav.tsx'
import { useKinds } from '../../kinds.ts'
import { Money } from '../../ui/money.tsx'
import { Page, Part } from '../../ui/page.tsx'
import { State, useStateText } from '../../ui/state.tsx'

const LineChart = lazy(() => import('../../../kit/ui/line-chart.tsx').then((m) => ({ default: m.LineChart })))

const useTodayWords = texts('console today', {
  title: ['今日', 'Today'],
  wrong: ['异常', 'Needs attention'],
  allWell: [
    '一切正常:账实相符,没有卡住的付款,没有未处理的告警。',
    'All is well: books and chains agree, nothing is stuck, no alert is open.',
  ],
  alert: ['{{times}} 次', '{{times}} times'],
  imbalance: ['对账差异', 'Books and chains disagree'],
  imbalanceAbout: ['{{count}} 处未解决', '{{count}} open breaks'],
  late: ['付款超过 30 分钟未上链', 'Payments on their way for more than 30 minutes'],
  troubled: ['付款被拒签或结果未知', 'Payments refused by the signer or of unknown outcome'],
  paused: ['{{network}} 出金已暂停', 'Money out of {{network}} is paused'],
  stopped: ['{{network}} 出金已停止', 'Money out of {{network}} is stopped'],
  behind: ['{{network}} 落后 {{count}} 个区块', '{{network}} is {{count}} blocks behind'],
  remittances: ['汇款:{{state}}', 'Remittances: {{state}}'],
  withdrawals: ['提现:{{state}}', 'Withdrawals: {{state}}'],
  last24: ['24 小时内', 'within 24 hours'],
  oldest: ['最早', 'oldest'],
  waits: ['待处理', 'Waiting for somebody'],
  nothingWaits: ['没有待处理的事项。', 'Nothing waits.'],
  yours: ['{{count}} 项等您复核', '{{count}} for you to check'],
  deposits: ['大额充值', 'Large deposits'],
  under: ['进行中', 'Under way'],
  volumes: ['交易量', 'Volumes'],
  days: ['近 {{days}} 天', '{{days}} days'],
  customersHold: ['客户余额合计', 'Customers hold'],
  today: ['今日', 'Today'],
  yesterday: ['昨日', 'Yesterday'],
  chart: ['客户余额,每日(USDT)', 'What customers held, day by day (USDT)'],
  chartSays: ['从 {{first}} 到 {{last}} USDT', 'from {{first}} to {{last}} USDT'],
  chartMoved: ['每日交易额(USDT)', 'Moved each day (USDT)'],
})

const queues: Readonly<Record<string, string>> = {
  withdrawal_review: '/withdrawals?status=review',
  identity_review: '/identity?status=pending',
  recipient_review: '/recipients?review_status=pending',
  remittance_review: '/remittances?status=review',
}

export function TodayScreen() {
  const say = useTodayWords()
  const { data, error, refetch } = useToday()
  return (
    <Page title={say('title')}>
      {error && <Problem error={error} onRetry={() => void refetch()} className="mb-4" />}
      <div className="grid items-start gap-x-10 gap-y-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <Wrong today={data} />
        <Waits today={data} />
      </div>
      <Volumes />
    </Page>
  )
}

interface Exception {
  key: string
  to: string
  severity: 'critical' | 'warning'
  what: string
  about: ReactNode
}

function useExceptions(today: Data<'GET /today'> | undefined): Exception[] | undefined {
  const say = useTodayWords()
  const kinds = useKinds()
  const states = useStateText()
  const { data: money } = useAsk('GET /money-out', {}, { every: 15_000 })
  const { data: chains } = useAsk('GET /chains', {}, { every: 15_000 })
  if (!today) return undefined
  const bad = (key: string, to: string, count: number, what: string, about: ReactNode): Exception[] =>
    count > 0 ? [{ key, to, severity: 'critical', what, about }] : []
  return [
    ...bad('breaks', '/reconciliation', today.breaks, say('imbalance'), say('imbalanceAbout', { count: today.breaks })),
    ...(money ?? []).flatMap(({ network, stopped, paused }) =>
      bad(
        `out-${network}`,
        '/networks',
        stopped || paused ? 1 : 0,
        say(stopped ? 'stopped' : 'paused', { network }),
        stopped ?? paused,
      ),
    ),
    ...bad('troubled', '/payments', today.payments.troubled, say('troubled'), today.payments.troubled),
    ...bad('late', '/payments', today.payments.late, say('late'), today.payments.late),
    ...today.withdrawals
      .filter(({ status }) => status === 'failed')
      .flatMap(({ status, count }) =>
        bad(
          'failed',
          `/withdrawals?status=${status}`,
          count,
          say('withdrawals', { state: states(status) }),
          `${count} · ${say('last24')}`,
        ),
      ),
    ...today.remittances
      .filter(({ status }) => ['uncertain', 'failed', 'returned'].includes(status))
      .flatMap(({ status, count, oldest }) =>
        bad(
          `remittance-${status}`,
          `/remittances?status=${status}`,
          count,
          say('remittances', { state: states(status) }),
          <>
            {count} · {say('oldest')} <When at={oldest} />
          </>,
        ),
      ),
    ...(chains ?? [])
      .filter(({ phase, behind }) => phase !== 'following' || (behind ?? 0) > 20)
      .map(
        (chain): Exception => ({
          key: `chain-${chain.network}`,
          to: '/networks',
          severity: 'critical',
          what: `${chain.name}: ${states(chain.phase)}`,
          about: chain.note || say('behind', { network: chain.network, count: chain.behind ?? '?' }),
        }),
      ),
    // what is shown above as it is now is not told twice
    ...today.alerts
      .filter(({ kind }) => kind !== 'money_out_stopped' || !money?.some(({ stopped, paused }) => stopped || paused))
      .map(
        (alert): Exception => ({
          key: alert.id,
          to: `/alerts?kind=${alert.kind}`,
          severity: alert.severity === 'critical' ? 'critical' : 'warning',
          what: kinds(alert.kind),
          about: (
            <>
              {Object.entries(alert.data)
                .slice(0, 3)
                .map(([key, value]) => `${key} ${String(value)}`)
                .join(' · ')}{' '}
              · {say('alert', { times: alert.times })} · <When at={alert.raised_at} />
            </>
          ),
        }),
      ),
  ]
}

function Wrong({ today }: { today: Data<'GET /today'> | undefined }) {
  const say = useTodayWords()
  const exceptions = useExceptions(today)
  return (
    <Part title={say('wrong')} first>
      {!exceptions && <Bones />}
      {exceptions?.length === 0 && (
        <p className="flex items-center gap-2 py-3 text-sm text-accent">
          <CircleCheck aria-hidden className="size-5 shrink-0" /> {say('allWell')}
        </p>
      )}
      <ul>
        {exceptions?.map((one) => {
          const Icon = one.severity === 'critical' ? CircleAlert : TriangleAlert
          return (
            <li key={one.key} className="border-b border-line last:border-0">
              <A to={one.to} className="flex items-start gap-3 rounded-md py-2 hover:bg-sunk/70">
                <Icon
                  aria-hidden
                  className={cx('mt-0.5 size-4 shrink-0', one.severity === 'critical' ? 'text-danger' : 'text-warn')}
                />
                <span className="min-w-0">
                  <span className="block font-medium">{one.what}</span>
                  <span className="block truncate text-xs text-dim">{one.about}</span>
                </span>
                <span className="ml-auto shrink-0">
                  <State value={one.severity} />
                </span>
              </A>
            </li>
          )
        })}
      </ul>
    </Part>
  )
}

function Waits({ today }: { today: Data<'GET /today'> | undefined }) {
  const say = useTodayWords()
  const kinds = useKinds()
  const states = useStateText()
  if (!today) {
    return (
      <Part title={say('waits')} first>
        <Bones />
      </Part>
    )
  }
  const rows = [
    ...today.approvals.map(({ kind, open, yours, oldest }) => ({
      key: kind,
      to: queues[kind] ?? `/approvals?status=open&kind=${kind}`,
      what: kinds(kind),
      count: open,
      about: yours > 0 ? say('yours', { count: yours }) : '',
      oldest: oldest as string | null,
    })),
    ...(today.deposits_in_review.count > 0
      ? [
          {
            key: 'deposits',
            to: '/deposits?status=review',
            what: say('deposits'),
            count: today.deposits_in_review.count,
            about: '',
            oldest: today.deposits_in_review.oldest,
          },
        ]
      : []),
  ]
  const underway = [
    ...today.withdrawals
      .filter(({ status }) => !['review', 'failed'].includes(status))
      .map((one) => ({ ...one, of: 'withdrawals' as const })),
    ...today.remittances
      .filter(({ status }) => ['queued', 'processing'].includes(status))
      .map((one) => ({ ...one, of: 'remittances' as const })),
  ]
  return (
    <div>
      <Part title={say('waits')} first>
        {rows.length === 0 && <p className="py-3 text-sm text-dim">{say('nothingWaits')}</p>}
        <ul>
          {rows.map((row) => (
            <li key={row.key} className="border-b border-line last:border-0">
              <A to={row.to} className="flex items-center gap-3 rounded-md py-2 hover:bg-sunk/70">
                <span className="figures w-8 text-right text-lg font-semibold">{row.count}</span>
                <span className="min-w-0">
                  <span className="block font-medium">{row.what}</span>
                  {row.about && <span className="block text-xs text-accent">{row.about}</span>}
                </span>
                {row.oldest && (
                  <span className="ml-auto shrink-0 text-xs text-dim">
                    {say('oldest')} <When at={row.oldest} />
                  </span>
                )}
              </A>
            </li>
          ))}
        </ul>
      </Part>
      {underway.length > 0 && (
        <Part title={say('under')}>
          <ul className="flex flex-wrap gap-x-6 gap-y-1 text-[13px]">
            {underway.map(({ status, count, of }) => (
              <li key={`${of}${status}`}>
                <A to={`/${of}?status=${status}`}>
                  {say(of, { state: states(status) })} <span className="figures font-semibold">{count}</span>
                </A>
              </li>
            ))}
          </ul>
        </Part>
      )}
    </div>
  )
}

const Bones = () => (
  <div className="space-y-3 py-2">
    <Bone className="h-5 w-3/4" />
    <Bone className="h-5 w-2/3" />
    <Bone className="h-5 w-1/2" />
  </div>
)

const seconds = (day: string) => Date.parse(`${day}T00:00:00Z`) / 1000
/** For drawing alone: a chart's pixels are no money. */
const drawn = (amount: string) => Number.parseFloat(amount)

function Volumes() {
  const say = useTodayWords()
  const kinds = useKinds()
  const [span, setSpan] = useState<'7' | '30' | '90'>('30')
  const { data, error, refetch } = useAsk('GET /volumes', { query: { days: span } }, { every: 300_000, keep: true })
  const days = data?.days ?? []
  const [today, yesterday] = [days.at(-1), days.at(-2)]
  const names = [...new Set([today, yesterday].flatMap((day) => day?.kinds.map(({ kind }) => kind) ?? []))]
  const cell = (day: typeof today, kind: string) => day?.kinds.find((one) => one.kind === kind)
  return (
    <Part
      title={say('volumes')}
      aside={
        <span className="flex gap-1">
          {(['7', '30', '90'] as const).map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={span === each}
              onClick={() => setSpan(each)}
              className={cx(
                'rounded-md px-2 py-1 text-xs',
                span === each ? 'bg-accent-soft font-medium text-accent' : 'text-dim hover:bg-sunk',
              )}
            >
              {say('days', { days: each })}
            </button>
          ))}
        </span>
      }
    >
      {error && <Problem error={error} onRetry={() => void refetch()} />}
      <div className="grid items-start gap-x-10 gap-y-6 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
        <div>
          <p className="text-xs text-dim">{say('customersHold')}</p>
          <p className="text-2xl font-semibold">
            {today ? (
              <A to="/trial-balance" className="hover:underline">
                <Money value={today.customers} unit="USDT" />
              </A>
            ) : (
              <Bone className="h-8 w-48" />
            )}
          </p>
          <div className="mt-2 h-[180px]">
            {data && (
              <Suspense fallback={<Bone className="h-full w-full" />}>
                <LineChart
                  height={180}
                  label={`${say('chart')}: ${say('chartSays', { first: days[0]?.customers ?? '', last: today?.customers ?? '' })}`}
                  points={days.map(({ day, customers }) => ({ at: seconds(day), value: drawn(customers) }))}
                />
              </Suspense>
            )}
          </div>
        </div>
        <table className="w-full text-[13px]">
          <thead>
            <tr className="border-b border-edge/60 text-xs text-dim">
              <th scope="col" className="py-1.5 text-left font-medium">
                USDT
              </th>
              <th scope="col" className="py-1.5 text-right font-medium">
                {say('today')}
              </th>
              <th scope="col" className="py-1.5 text-right font-medium">
                {say('yesterday')}
              </th>
            </tr>
          </thead>
          <tbody>
            {names.map((kind) => (
              <tr key={kind} className="border-b border-line last:border-0">
                <th scope="row" className="py-1.5 text-left font-normal">
                  {kinds(kind)}
                </th>
                {[today, yesterday].map((day, i) => {
                  const one = cell(day, kind)
                  return (
                    <td key={`${kind}${day?.day ?? i}`} className="py-1.5 pl-4 text-right">
                      {one ? (
                        <A to={`/journals?day=${day?.day ?? ''}&kind=${kind}`} className="hover:underline">
                          <Money value={one.amount} />
                          <span className="figures ml-2 inline-block min-w-8 text-left text-xs text-dim">
                            ×{one.count}
                          </span>
                        </A>
                      ) : (
                        <span className="text-dim">–</span>
                      )}
                    </td>
                  )
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Part>
  )
}
