// Links and moves between the console's screens: an address is a text, so that a list can say where its rows lead.

import { Link, useLocation, useNavigate, useSearch } from '@tanstack/react-router'
import type { ReactNode } from 'react'

export type Filters = Readonly<Record<string, string>>

/** `/withdrawals?status=review` */
const parts = (to: string) => {
  const [path = '', query = ''] = to.split('?', 2)
  return { to: path as never, search: Object.fromEntries(new URLSearchParams(query)) as never }
}

interface Props {
  to: string
  className?: string
  children: ReactNode
  label?: string
  current?: boolean
}

export function A({ to, className, children, label, current }: Props) {
  return (
    <Link
      {...parts(to)}
      className={className ?? 'font-medium text-accent underline-offset-2 hover:underline'}
      {...(label === undefined ? {} : { 'aria-label': label })}
      {...(current === undefined ? {} : { 'aria-current': current ? ('page' as const) : undefined })}
    >
      {children}
    </Link>
  )
}

export function useGo(): (to: string) => void {
  const navigate = useNavigate()
  return (to) => void navigate(parts(to))
}

export const usePlace = (): { path: string; search: Filters } => {
  const { pathname } = useLocation()
  return { path: pathname.replace(/\/+$/, '') || '/', search: useSearch({ strict: false }) as Filters }
}

/** Filters live in the address: they can be sent to a colleague, and Back undoes them. */
export function useFilters(): [Filters, (change: Record<string, string | undefined>) => void] {
  const { path, search } = usePlace()
  const navigate = useNavigate()
  return [
    search,
    (change) => {
      const next = Object.entries({ ...search, ...('page' in change ? {} : { page: undefined }), ...change })
      void navigate({
        to: path as never,
        search: Object.fromEntries(next.filter(([, value]) => value !== undefined && value !== '')) as never,
        replace: true,
      })
    },
  ]
}
