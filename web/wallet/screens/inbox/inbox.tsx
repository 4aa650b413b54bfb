// The inbox: what the bank told, by day; reading one marks it, and leads to where it happened.

import { useInfiniteQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Inbox } from 'lucide-react'
import type { DataOf } from '../../../kit/api/http.ts'
import { api } from '../../../kit/api/session.ts'
import { tellChanged } from '../../../kit/api/use-api.ts'
import { texts } from '../../../kit/language.ts'
import { dayText, sameDay } from '../../../kit/time.ts'
import { Button } from '../../../kit/ui/button.tsx'
import { cx } from '../../../kit/ui/cx.ts'
import { useKitWords } from '../../../kit/ui/kit-words.ts'
import { Empty, rowLook, rowsLook, Section } from '../../../kit/ui/list.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { SkeletonRows } from '../../../kit/ui/skeleton.tsx'
import { When } from '../../../kit/ui/when.tsx'
import { useAction } from '../../../kit/use-action.ts'
import { Screen } from '../../frame/screen.tsx'

const useWords = texts('inbox', {
  title: ['消息', 'Inbox'],
  readAll: ['全部已读', 'Mark all read'],
  empty: ['没有消息', 'No messages'],
  emptyAbout: [
    '到账、转出与安全提醒会出现在这里。',
    'What comes in, what goes out and what concerns your security shows here.',
  ],
  unread: ['未读', 'Unread'],
})

type Message = DataOf<'GET /api/inbox'>[number]
const SIZE = 30

/** Where a message's kind leads; the rest is about the account itself. */
const leadsTo: readonly [prefix: string, to: string][] = [
  ['deposit', '/app/activity?kind=recharge'],
  ['withdrawal', '/app/activity?kind=withdraw'],
  ['transfer', '/app/activity?kind=transfer'],
  ['remittance', '/app/remit/orders'],
  ['recipient', '/app/remit/recipients'],
  ['card', '/app/cards'],
  ['kyc', '/app/kyc'],
  ['identity', '/app/kyc'],
  ['node', '/app/nodes'],
  ['commission', '/app/team'],
  ['', '/app/security'],
]

export function InboxScreen() {
  const say = useWords()
  const kit = useKitWords()
  const navigate = useNavigate()
  const { busy, run } = useAction()
  const messages = useInfiniteQuery({
    queryKey: ['GET /api/inbox', 'pages'],
    initialPageParam: 1,
    queryFn: ({ pageParam, signal }) =>
      api('GET /api/inbox', { query: { size: String(SIZE), page: String(pageParam) }, signal }),
    getNextPageParam: (last, all) => (last.length === SIZE ? all.length + 1 : undefined),
  })
  const items = messages.data?.pages.flat() ?? []
  const changed = () => tellChanged('GET /api/inbox', 'GET /api/inbox/unread_count')
  const open = (message: Message) =>
    run(async () => {
      if (!message.read) await api('POST /api/inbox/{id}/read', { path: { id: String(message.id) } })
      changed()
      const [, to = '/'] = leadsTo.find(([prefix]) => message.type.startsWith(prefix)) ?? []
      const [path = '/', search] = to.split('?')
      void navigate({ to: path, search: Object.fromEntries(new URLSearchParams(search)) as never })
    })
  const readAll = () =>
    run(async () => {
      await api('POST /api/inbox/read_all')
      changed()
    })
  return (
    <Screen
      title={say('title')}
      back="/"
      aside={
        items.some(({ read }) => !read) && (
          <Button small look="quiet" busy={busy} onClick={() => void readAll()}>
            {say('readAll')}
          </Button>
        )
      }
    >
      {messages.isPending ? (
        <SkeletonRows count={6} />
      ) : messages.error && items.length === 0 ? (
        <Problem error={messages.error} onRetry={() => void messages.refetch()} />
      ) : items.length === 0 ? (
        <Empty icon={<Inbox className="size-8" strokeWidth={1.5} />} title={say('empty')}>
          {say('emptyAbout')}
        </Empty>
      ) : (
        <>
          {days(items).map((own) => (
            <Section key={own[0]?.id} title={dayText(own[0]?.created_at ?? '')} className="mt-4">
              <ul className={rowsLook}>
                {own.map((message) => (
                  <li key={message.id}>
                    <button type="button" className={rowLook} onClick={() => void open(message)}>
                      <span className="flex gap-3 py-3 text-left">
                        <span
                          className={cx(
                            'mt-2 size-2 shrink-0 rounded-full',
                            message.read ? 'bg-transparent' : 'bg-accent',
                          )}
                        >
                          {!message.read && <span className="sr-only">{say('unread')}</span>}
                        </span>
                        <span className="min-w-0 flex-1">
                          <span className="flex items-baseline justify-between gap-3">
                            <span className={cx('min-w-0', message.read ? 'font-medium' : 'font-semibold')}>
                              {message.title}
                            </span>
                            <span className="shrink-0 text-xs text-dim">
                              <When at={message.created_at} />
                            </span>
                          </span>
                          <span className="mt-0.5 block text-sm text-dim">{message.body}</span>
                        </span>
                      </span>
                    </button>
                  </li>
                ))}
              </ul>
            </Section>
          ))}
          {messages.hasNextPage && (
            <Button
              wide
              className="mt-4"
              busy={messages.isFetchingNextPage}
              onClick={() => void messages.fetchNextPage()}
            >
              {kit('more')}
            </Button>
          )}
        </>
      )}
    </Screen>
  )
}

function days(items: readonly Message[]): Message[][] {
  const all: Message[][] = []
  for (const message of items) {
    const last = all.at(-1)
    if (last?.[0] && sameDay(last[0].created_at, message.created_at)) last.push(message)
    else all.push([message])
  }
  return all
}
