// Screens for those who are signed in: everybody else is led to the door, and back to where they were going.

import { Outlet, useLocation, useNavigate } from '@tanstack/react-router'
import { useEffect } from 'react'
import { sessionState } from '../../kit/api/session.ts'
import { useSignal } from '../../kit/signal.ts'
import { SkeletonRows } from '../../kit/ui/skeleton.tsx'

const DOOR = '/app/sign-in'

export function Signed() {
  const state = useSignal(sessionState)
  const { pathname, searchStr } = useLocation()
  const navigate = useNavigate()
  const isOut = state === 'out'
  useEffect(() => {
    // on the way to the door already, whose code is still coming
    if (!isOut || pathname === DOOR) return
    const to = pathname === '/' ? undefined : pathname + searchStr
    void navigate({ to: DOOR, search: (to ? { to } : {}) as never, replace: true })
  }, [isOut, pathname, searchStr, navigate])
  if (isOut || state === 'unknown') {
    return (
      <main className="mx-auto w-full max-w-xl px-5 pt-24">
        <SkeletonRows count={6} />
      </main>
    )
  }
  return <Outlet />
}
