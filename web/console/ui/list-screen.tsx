// A list as a screen: filters in the address, fifty rows a page, columns and views as its reader likes them, CSV.
// Must stay true: an empty list tells which filter emptied it; what is exported is what is filtered, all pages of it.

import { Columns3, Download, RefreshCw, Star } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { recall, remember } from '../../kit/preference.ts'
import { Button, IconButton } from '../../kit/ui/button.tsx'
import { Problem } from '../../kit/ui/problem.tsx'
import { toast } from '../../kit/ui/toast.tsx'
import { ask, type Data, type Reading, useAsk } from '../api/ask.ts'
import { A, useFilters } from '../frame/link.tsx'
import { useWords } from '../words.ts'
import { csvText, download } from './csv.ts'
import { controlLook, type Filter, FilterBar } from './filter-bar.tsx'
import { useKeys } from './keys.ts'
import { Page } from './page.tsx'
import { Popover } from './popover.tsx'
import { type Column, Table } from './table.tsx'

/** Reads whose answer is a page of items. */
export type Listing = {
  [R in Reading]: Data<R> extends { items: unknown[]; page: number } ? (Given<R> extends 'path' ? never : R) : never
}[Reading]
type Given<R extends Reading> = R extends `${string}{${string}` ? 'path' : 'query'
export type RowOf<R extends Listing> = Data<R> extends { items: (infer Row)[] } ? Row : never

const SIZE = 50
const EXPORTED = 5_000

interface Props<R extends Listing> {
  title: string
  about?: ReactNode
  route: R
  columns: readonly Column<RowOf<R>>[]
  filters?: readonly Filter[]
  keyOf: (row: RowOf<R>) => string
  to?: (row: RowOf<R>) => string | undefined
  actions?: ReactNode
  children?: ReactNode
  /** What is asked for whatever the filters say. */
  fixed?: Readonly<Record<string, string>>
  every?: number
}

export function ListScreen<R extends Listing>(props: Props<R>) {
  const { title, about, route, columns, filters = [], keyOf, to, actions, children, fixed = {}, every } = props
  const say = useWords()
  const [values, change] = useFilters()
  const [hidden, setHidden] = useState(() => hiddenColumns(route, columns))
  const query = {
    ...Object.fromEntries(filters.map(({ key, fallback }) => [key, values[key] ?? fallback]).filter(([, v]) => v)),
    ...fixed,
  }
  const page = Number.parseInt(values.page ?? '1', 10) || 1
  const list = useAsk(route, { query: { ...query, page: `${page}`, size: `${SIZE}` } } as never, {
    keep: true,
    ...(every === undefined ? {} : { every }),
  })
  const data = list.data as { items: RowOf<R>[]; total?: number } | undefined
  const shown = columns.filter(({ key }) => !hidden.includes(key))
  const isLast = data !== undefined && data.items.length < SIZE
  const turn = (step: number) => change({ page: page + step <= 1 ? undefined : `${page + step}` })
  useKeys({ '/': () => document.querySelector<HTMLElement>('[data-filters] input, [data-filters] select')?.focus() })
  const set = filters.filter(({ key }) => values[key])

  const exportAll = async () => {
    const rows: RowOf<R>[] = []
    for (let at = 1; rows.length < EXPORTED; at += 1) {
      const answer = (await (ask as (route: R, input: object) => Promise<unknown>)(route, {
        query: { ...query, page: `${at}`, size: '100' },
      })) as { items: RowOf<R>[] }
      rows.push(...answer.items)
      if (answer.items.length < 100) break
    }
    const text = (row: RowOf<R>, column: Column<RowOf<R>>) =>
      column.text ? column.text(row) : String((row as Record<string, unknown>)[column.key] ?? '')
    const name = `${route.replace(/^GET \//, '').replaceAll('/', '-')}-${new Date().toISOString().slice(0, 10)}.csv`
    download(name, csvText([columns.map(({ label }) => label), ...rows.map((row) => columns.map((c) => text(row, c)))]))
    toast(say('exported', { count: rows.length }))
  }

  return (
    <Page
      title={title}
      about={about}
      actions={
        <>
          {actions}
          <ViewMenu route={route} />
          <Popover label={say('columns')} button={<Columns3 aria-hidden className="size-4" />}>
            {columns.map(({ key, label }) => (
              <label key={key} className="flex items-center gap-2 rounded-md px-2 py-1.5 hover:bg-sunk">
                <input
                  type="checkbox"
                  className="size-4 accent-(--accent)"
                  checked={!hidden.includes(key)}
                  onChange={(event) => {
                    const next = event.target.checked ? hidden.filter((one) => one !== key) : [...hidden, key]
                    setHidden(next)
                    remember(`columns.${route}`, next.join(','))
                  }}
                />
                {label}
              </label>
            ))}
          </Popover>
          <Button small icon={<Download aria-hidden className="size-4" />} onClick={() => void exportAll()}>
            CSV
          </Button>
          <IconButton label={say('refresh')} className="size-9" onClick={() => void list.refetch()}>
            <RefreshCw aria-hidden className={list.isFetching ? 'size-4 animate-spin' : 'size-4'} />
          </IconButton>
        </>
      }
    >
      {children}
      {filters.length > 0 && (
        <div data-filters className="mb-3">
          <FilterBar filters={filters} values={values} onChange={change} />
        </div>
      )}
      {list.error && <Problem error={list.error} onRetry={() => void list.refetch()} className="mb-3" />}
      {(!list.error || data) && (
        <Table columns={shown} rows={data?.items} keyOf={keyOf} to={to} label={title} keyed skeleton={12} />
      )}
      {data && data.items.length === 0 && (
        <div className="py-12 text-center text-sm">
          <p className="font-semibold">{say(set.length > 0 ? 'emptyFiltered' : 'empty')}</p>
          {set.length > 0 && (
            <>
              <p className="mt-1 text-dim">
                {say('emptyBecause', {
                  filters: set
                    .map(
                      ({ key, label, choices }) =>
                        `${label} = ${choices?.find(({ value }) => value === values[key])?.label ?? values[key]}`,
                    )
                    .join(' · '),
                })}
              </p>
              <Button
                small
                className="mt-3"
                onClick={() => change(Object.fromEntries(set.map(({ key }) => [key, undefined])))}
              >
                {say('clear')}
              </Button>
            </>
          )}
        </div>
      )}
      {data && (data.items.length > 0 || page > 1) && (
        <div className="mt-3 flex items-center justify-between gap-3 text-[13px] text-dim">
          <span className="hidden sm:inline">{say('keys')}</span>
          <span className="flex items-center gap-2">
            {data.total !== undefined && <span className="figures">{say('ofTotal', { total: data.total })}</span>}
            <Button small disabled={page <= 1} onClick={() => turn(-1)}>
              {say('previous')}
            </Button>
            <span className="figures">{say('page', { page })}</span>
            <Button small disabled={isLast} onClick={() => turn(1)}>
              {say('next')}
            </Button>
          </span>
        </div>
      )}
    </Page>
  )
}

function hiddenColumns(route: string, columns: readonly { key: string; off?: boolean }[]): string[] {
  const saved = recall(`columns.${route}`)
  return saved === null ? columns.filter(({ off }) => off).map(({ key }) => key) : saved.split(',')
}

interface View {
  name: string
  query: string
}

/** Filters under a name, on this device. */
function ViewMenu({ route }: { route: string }) {
  const say = useWords()
  const [values] = useFilters()
  const [name, setName] = useState('')
  const [views, setViews] = useState<View[]>(() => JSON.parse(recall(`views.${route}`) ?? '[]') as View[])
  const keep = (next: View[]) => {
    setViews(next)
    remember(`views.${route}`, JSON.stringify(next))
  }
  return (
    <Popover label={say('views')} button={<Star aria-hidden className="size-4" />}>
      {views.map((view) => (
        <div key={view.name} className="flex items-center justify-between gap-3 rounded-md px-2 py-1 hover:bg-sunk">
          <A to={`${location.pathname.replace(/^\/console/, '') || '/'}?${view.query}`} className="grow py-1">
            {view.name}
          </A>
          <button
            type="button"
            className="text-dim hover:text-danger"
            onClick={() => keep(views.filter((one) => one !== view))}
          >
            {say('remove')}
          </button>
        </div>
      ))}
      <form
        className="flex items-end gap-2 p-1"
        onSubmit={(event) => {
          event.preventDefault()
          if (name.trim() === '') return
          const query = new URLSearchParams(values).toString()
          keep([...views.filter((one) => one.name !== name.trim()), { name: name.trim(), query }])
          setName('')
        }}
      >
        <label className="flex flex-col gap-1 text-xs text-dim">
          {say('saveView')}
          <input
            className={controlLook}
            value={name}
            maxLength={40}
            onChange={(event) => setName(event.target.value)}
            placeholder={say('viewName')}
          />
        </label>
        <Button small type="submit">
          {say('save')}
        </Button>
      </form>
    </Popover>
  )
}
