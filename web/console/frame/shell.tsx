// What surrounds every screen: which environment this is, the navigation, search, language, colours, who works here.
// Must stay true: LIVE is red and TEST is amber on every screen, so that nobody takes one for the other.

import { Outlet } from '@tanstack/react-router'
import { Languages, LogOut, Menu, Monitor, Moon, Search, Sun, X } from 'lucide-react'
import { Suspense, useEffect, useState } from 'react'
import { setLanguage, useLanguage } from '../../kit/language.ts'
import { mode, theme } from '../../kit/preference.ts'
import { useSignal } from '../../kit/signal.ts'
import { IconButton } from '../../kit/ui/button.tsx'
import { cx } from '../../kit/ui/cx.ts'
import { Bone } from '../../kit/ui/skeleton.tsx'
import { session, signOut, useMe } from '../api/session.ts'
import { Popover } from '../ui/popover.tsx'
import { useWords } from '../words.ts'
import { A, usePlace } from './link.tsx'
import { Nav } from './nav.tsx'
import { Palette } from './palette.tsx'
import { SignIn } from './sign-in.tsx'

export function Banner() {
  const say = useWords()
  const isLive = mode === 'live'
  return (
    <p
      className={cx(
        'px-4 py-1 text-center text-xs font-semibold tracking-wide',
        isLive ? 'bg-danger text-paper' : 'bg-warn-soft text-warn',
      )}
    >
      {say(isLive ? 'live' : 'test')}
    </p>
  )
}

export function Shell() {
  const state = useSignal(session)
  useLanguage()
  return (
    <div className="flex min-h-dvh flex-col text-sm">
      <Banner />
      {state.at === 'unknown' ? (
        <div className="flex-1" />
      ) : state.at === 'out' ? (
        <SignIn why={state.why} />
      ) : (
        <Inside />
      )}
    </div>
  )
}

function Inside() {
  const say = useWords()
  const { path } = usePlace()
  const [isSearching, setSearching] = useState(false)
  const [isMenuOpen, setMenuOpen] = useState(false)
  // biome-ignore lint/correctness/useExhaustiveDependencies: another screen closes the menu
  useEffect(() => setMenuOpen(false), [path])
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey)) return
      event.preventDefault()
      setSearching(true)
    }
    addEventListener('keydown', hear)
    return () => removeEventListener('keydown', hear)
  }, [])
  return (
    <>
      <a
        href="#content"
        className="sr-only z-60 rounded-control bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:absolute focus:top-2 focus:left-2"
      >
        {say('skip')}
      </a>
      <header className="sticky top-0 z-30 flex h-12 items-center gap-3 border-b border-line bg-paper px-3 md:px-4">
        <IconButton
          label={say('menu')}
          className="size-9 lg:hidden"
          aria-expanded={isMenuOpen}
          onClick={() => setMenuOpen(!isMenuOpen)}
        >
          {isMenuOpen ? <X aria-hidden className="size-5" /> : <Menu aria-hidden className="size-5" />}
        </IconButton>
        <A to="/" className="mr-2 whitespace-nowrap font-semibold lg:w-44">
          UniPay <span className="font-normal text-dim">{say('console')}</span>
        </A>
        <button
          type="button"
          onClick={() => setSearching(true)}
          className="flex h-8 w-full max-w-md items-center gap-2 rounded-control border border-edge/50 bg-surface px-3 text-left text-[13px] text-dim hover:border-edge"
        >
          <Search aria-hidden className="size-4 shrink-0" />
          <span className="truncate">{say('searchHint')}</span>
          <kbd className="ml-auto hidden rounded-md border border-line px-1.5 text-xs whitespace-nowrap sm:inline">
            Ctrl K
          </kbd>
        </button>
        <span className="ml-auto flex items-center gap-1">
          <button
            type="button"
            onClick={() => void setLanguage(document.documentElement.lang === 'en' ? 'zh-CN' : 'en')}
            className="flex h-9 items-center gap-1.5 rounded-control px-2 text-[13px] hover:bg-sunk"
          >
            <Languages aria-hidden className="size-4" />
            <span className="hidden whitespace-nowrap sm:inline">{say('language')}</span>
          </button>
          <ThemeButton />
          <Account />
        </span>
      </header>
      <div className="flex flex-1">
        <div
          className={cx(
            'border-r border-line bg-paper lg:sticky lg:top-12 lg:block lg:h-[calc(100dvh-3rem)] lg:w-56 lg:shrink-0 lg:overflow-y-auto',
            isMenuOpen ? 'fixed inset-x-0 top-[4.6rem] bottom-0 z-20 overflow-y-auto' : 'hidden',
          )}
        >
          <Nav />
        </div>
        <main id="content" tabIndex={-1} className="min-w-0 flex-1 outline-none">
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        </main>
      </div>
      <Palette open={isSearching} onClose={() => setSearching(false)} />
    </>
  )
}

const Waiting = () => (
  <div className="px-6 py-6">
    <Bone className="h-6 w-40" />
    <Bone className="mt-6 h-4 w-full" />
    <Bone className="mt-3 h-4 w-11/12" />
    <Bone className="mt-3 h-4 w-4/5" />
  </div>
)

function ThemeButton() {
  const say = useWords()
  const now = useSignal(theme)
  const [next, Icon, word] =
    now === 'system'
      ? (['light', Monitor, 'themeSystem'] as const)
      : now === 'light'
        ? (['dark', Sun, 'themeLight'] as const)
        : (['system', Moon, 'themeDark'] as const)
  return (
    <IconButton label={`${say('theme')}: ${say(word)}`} className="size-9" onClick={() => theme.set(next)}>
      <Icon aria-hidden className="size-4" />
    </IconButton>
  )
}

function Account() {
  const say = useWords()
  const me = useMe()
  const roles = me.roles.join(', ') || say('noRoles')
  return (
    <Popover
      named
      label={`${me.name}, ${roles}`}
      button={
        <span className="flex items-center gap-2 whitespace-nowrap">
          <span className="font-medium">{me.name}</span>
          <span className="hidden text-dim md:inline">{roles}</span>
        </span>
      }
    >
      <div className="px-2 py-1.5">
        <p className="font-medium">{me.name}</p>
        <p className="text-dim">{me.email}</p>
        <p className="mt-1 text-dim">
          {say('roles')}: {roles}
        </p>
      </div>
      <A to="/sessions" className="flex items-center gap-2 rounded-md px-2 py-2 hover:bg-sunk">
        <Monitor aria-hidden className="size-4" />
        {say('sessions')}
      </A>
      <button
        type="button"
        onClick={() => void signOut()}
        className="flex w-full items-center gap-2 rounded-md px-2 py-2 text-left text-danger hover:bg-danger-soft"
      >
        <LogOut aria-hidden className="size-4" />
        {say('signOut')}
      </button>
    </Popover>
  )
}
