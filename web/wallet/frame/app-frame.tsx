// What surrounds every screen: the bar at the bottom (beside the page on wide screens), the TEST strip, the offline strip.
// Must stay true: the way around is in reach of a thumb, and no content lies under it.

import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { ArrowLeftRight, CreditCard, Home, ReceiptText, UserRound } from 'lucide-react'
import { lazy, Suspense, useEffect, useState } from 'react'
import { sessionState } from '../../kit/api/session.ts'
import { mode } from '../../kit/preference.ts'
import { useSignal } from '../../kit/signal.ts'
import { timeText } from '../../kit/time.ts'
import { cx } from '../../kit/ui/cx.ts'
import { Empty } from '../../kit/ui/list.tsx'
import { useFrameWords } from './frame-words.ts'
import { knownAt } from './last-known.ts'
import { UpdateStrip } from './update-strip.tsx'

const Drawer = lazy(() => import('../sandbox/drawer.tsx'))

const tabs = [
  { to: '/', word: 'home', Icon: Home },
  { to: '/app/activity', word: 'activity', Icon: ReceiptText },
  { to: '/app/request', word: 'pay', Icon: ArrowLeftRight },
  { to: '/app/cards', word: 'cards', Icon: CreditCard },
  { to: '/app/me', word: 'me', Icon: UserRound },
] as const

export function AppFrame() {
  const say = useFrameWords()
  const state = useSignal(sessionState)
  const { pathname } = useLocation()
  const isIn = state === 'in' || state === 'offline'
  const isTop = tabs.some(({ to }) => to === pathname)
  return (
    <div className="flex min-h-dvh flex-col">
      <a
        href="#content"
        className="sr-only z-60 rounded-control bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        {say('skip')}
      </a>
      {mode !== 'live' && <TestStrip />}
      <OfflineStrip />
      <UpdateStrip />
      <div className={cx('flex flex-1 flex-col', isIn && 'lg:pl-56')}>
        {isIn && (
          <nav
            aria-label={say('navigation')}
            className={cx(
              'fixed z-30 border-line bg-paper',
              'inset-x-0 bottom-0 border-t pb-[env(safe-area-inset-bottom)]',
              'lg:inset-x-auto lg:inset-y-0 lg:left-0 lg:w-56 lg:border-t-0 lg:border-r lg:px-3 lg:pt-16',
              !isTop && 'hidden lg:block',
            )}
          >
            <p className="mb-6 hidden px-3 text-lg font-semibold lg:block">UniPay</p>
            <ul className="mx-auto flex max-w-xl lg:flex-col lg:gap-1">
              {tabs.map(({ to, word, Icon }) => (
                <li key={to} className="flex-1">
                  <Link
                    to={to}
                    aria-current={pathname === to ? 'page' : undefined}
                    className={cx(
                      'flex min-h-14 flex-col items-center justify-center gap-0.5 text-xs font-medium',
                      'lg:min-h-11 lg:flex-row lg:justify-start lg:gap-3 lg:rounded-control lg:px-3 lg:text-sm',
                      pathname === to ? 'text-accent lg:bg-accent-soft' : 'text-dim hover:text-ink',
                    )}
                  >
                    <Icon aria-hidden className="size-[22px] lg:size-5" strokeWidth={pathname === to ? 2.2 : 1.8} />
                    {say(word)}
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
        )}
        <div
          className={cx(
            'flex flex-1 flex-col',
            isIn && isTop && 'pb-[calc(3.5rem+env(safe-area-inset-bottom))] lg:pb-0',
          )}
        >
          <Outlet />
        </div>
      </div>
    </div>
  )
}

function TestStrip() {
  const say = useFrameWords()
  const [open, setOpen] = useState(false)
  return (
    <div className="relative z-40 flex min-h-9 items-center justify-center gap-3 bg-warn-soft px-4 text-xs font-medium text-warn">
      <span>{say('test')}</span>
      {mode === 'sandbox' && (
        <>
          <button
            type="button"
            onClick={() => setOpen(true)}
            className="-my-1 min-h-9 px-1 underline decoration-1 underline-offset-4 hover:text-ink"
          >
            {say('sandbox')}
          </button>
          {open && (
            <Suspense>
              <Drawer onClose={() => setOpen(false)} />
            </Suspense>
          )}
        </>
      )}
    </div>
  )
}

function OfflineStrip() {
  const say = useFrameWords()
  const state = useSignal(sessionState)
  const known = useSignal(knownAt)
  const [online, setOnline] = useState(navigator.onLine)
  useEffect(() => {
    const look = () => setOnline(navigator.onLine)
    window.addEventListener('online', look)
    window.addEventListener('offline', look)
    return () => {
      window.removeEventListener('online', look)
      window.removeEventListener('offline', look)
    }
  }, [])
  if (online && state !== 'offline') return null
  return (
    <p role="status" className="bg-ink px-4 py-2 text-center text-sm text-paper">
      {known === null ? say('offline') : say('offlineSince', { time: timeText(new Date(known)) })}
    </p>
  )
}

export function NotHere() {
  const say = useFrameWords()
  return (
    <main id="content" className="mx-auto w-full max-w-xl px-5 pt-16">
      <h1 className="sr-only">{say('notHere')}</h1>
      <Empty
        title={say('notHere')}
        action={
          <Link to="/" className="font-medium text-accent underline underline-offset-4">
            {say('toHome')}
          </Link>
        }
      />
    </main>
  )
}
