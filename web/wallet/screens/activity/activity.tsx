// The statement: every movement, newest first, by day, with the balance that it left.

import { useInfiniteQuery } from '@tanstack/react-query'
import { Link, useNavigate, useSearch } from '@tanstack/react-router'
import { ReceiptText } from 'lucide-react'
import { api } from '../../../kit/api/session.ts'
import { useApi } from '../../../kit/api/use-api.ts'
import { dayText, sameDay } from '../../../kit/time.ts'
import { Amount } from '../../../kit/ui/amount.tsx'
import { Button } from '../../../kit/ui/button.tsx'
import { useKitWords } from '../../../kit/ui/kit-words.ts'
import { Empty, RowBody, rowLook, rowsLook, Section } from '../../../kit/ui/list.tsx'
import { Chip } from '../../../kit/ui/notice.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { Tabs } from '../../../kit/ui/tabs.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { Screen } from '../../frame/screen.tsx'
import { useWithdrawalWords } from '../withdraw/withdrawal-words.ts'
import { useActivityWords } from './activity-words.ts'
import { type StatementLine, StatementRow } from './statement-row.tsx'

const kinds = ['all', 'recharge', 'withdraw', 'transfer', 'remittance'] as const
type Kind = (typeof kinds)[number]
const SIZE = 30

export function ActivityScreen() {
  const say = useActivityWords()
  const kit = useKitWords()
  const navigate = useNavigate()
  const search = useSearch({ strict: false }) as { kind?: string }
  const kind = kinds.find((each) => each === search.kind) ?? 'all'
  const lines = useInfiniteQuery({
    queryKey: ['GET /api/account/ledger', 'pages', kind],
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) =>
      api('GET /api/account/ledger', {
        query: { size: String(SIZE), page: String(pageParam), ...(kind === 'all' ? {} : { type: kind }) },
        signal,
      }),
    getNextPageParam: (last) => (last.items.length === SIZE ? last.page + 1 : undefined),
  })
  const items = lines.data?.pages.flatMap((page) => page.items) ?? []
  return (
    <Screen title={say('title')}>
      <Tabs<Kind>
        label={say('filter')}
        value={kind}
        onChange={(next) =>
          void navigate({ to: '/app/activity', search: (next === 'all' ? {} : { kind: next }) as never, replace: true })
        }
        tabs={kinds.map((each) => ({ value: each, label: say(each) }))}
      />
      {(kind === 'all' || kind === 'withdraw') && <UnderWay />}
      {lines.isPending ? (
        <SkeletonRows count={8} />
      ) : lines.error && items.length === 0 ? (
        <Problem error={lines.error} onRetry={() => void lines.refetch()} className="mt-6" />
      ) : items.length === 0 ? (
        <Empty
          icon={<ReceiptText className="size-8" strokeWidth={1.5} />}
          title={say(kind === 'all' ? 'empty' : 'emptyFiltered')}
          action={
            kind === 'all' && (
              <Link to="/app/deposit" className="font-medium text-accent underline underline-offset-4">
                {say('deposit')}
              </Link>
            )
          }
        >
          {say('emptyAbout')}
        </Empty>
      ) : (
        <>
          {byDay(items).map(({ day, lines: own }) => (
            <Section key={day} title={<DayTitle at={day} />} className="mt-6">
              <ul className={rowsLook}>
                {own.map((line) => (
                  <li key={line.id}>
                    <StatementRow line={line} />
                  </li>
                ))}
              </ul>
            </Section>
          ))}
          {lines.hasNextPage && (
            <Button wide className="mt-4" busy={lines.isFetchingNextPage} onClick={() => void lines.fetchNextPage()}>
              {kit('more')}
            </Button>
          )}
        </>
      )}
    </Screen>
  )
}

function DayTitle({ at }: { at: string }) {
  const say = useActivityWords()
  const now = new Date()
  if (sameDay(at, now.toISOString())) return say('today')
  if (sameDay(at, new Date(now.getTime() - 86_400_000).toISOString())) return say('yesterday')
  return dayText(at)
}

function byDay(items: readonly StatementLine[]): { day: string; lines: StatementLine[] }[] {
  const days: { day: string; lines: StatementLine[] }[] = []
  for (const line of items) {
    const last = days.at(-1)
    if (last && sameDay(last.day, line.created_at)) last.lines.push(line)
    else days.push({ day: line.created_at, lines: [line] })
  }
  return days
}

/** Withdrawals have no entry before they are confirmed; until then they stand here. */
function UnderWay() {
  const say = useActivityWords()
  const words = useWithdrawalWords()
  const orders = useApi('GET /api/withdrawal/usdt/orders', { query: { size: '10' } })
  const open = orders.data?.items.filter(({ settled_at }) => settled_at === null) ?? []
  if (open.length === 0) return null
  return (
    <Section title={say('under')} className="mt-6">
      <ul className={rowsLook}>
        {open.map((order) => (
          <li key={order.id}>
            <Link to={`/app/withdrawals/${order.id}`} className={rowLook}>
              <RowBody
                title={order.network}
                about={<When at={order.created_at} />}
                right={<Amount value={order.amount} way="out" />}
                rightAbout={<Chip tone={order.status === 'review' ? 'warn' : 'info'}>{words(order.status)}</Chip>}
                leads
              />
            </Link>
          </li>
        ))}
      </ul>
    </Section>
  )
}
