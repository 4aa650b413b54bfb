// Tables: a head that stays in sight, a row that the keyboard is on, grey rows in the shape of those to come.
// Must stay true: j and k move, Enter opens, and a row that leads somewhere is a link for the pointer and the screen reader.

import type { ReactNode } from 'react'
import { type RefObject, useEffect, useLayoutEffect, useRef, useState } from 'react'
import { cx } from '../../kit/ui/cx.ts'
import { Bone } from '../../kit/ui/skeleton.tsx'
import { useGo } from '../frame/link.tsx'
import { useKeys } from './keys.ts'

export interface Column<Row> {
  key: string
  label: string
  cell: (row: Row) => ReactNode
  /** As text, for CSV; what the server said under this key where it is left out. */
  text?: (row: Row) => string
  right?: boolean
  /** Takes what room is left. */
  grow?: boolean
  /** Not shown until it is chosen. */
  off?: boolean
}

interface Props<Row> {
  columns: readonly Column<Row>[]
  rows: readonly Row[] | undefined
  keyOf: (row: Row) => string
  to?: ((row: Row) => string | undefined) | undefined
  label: string
  skeleton?: number
  /** On a screen of its own, whose keys are the table's. */
  keyed?: boolean
}

export function Table<Row>({ columns, rows, keyOf, to, label, skeleton = 8, keyed = false }: Props<Row>) {
  const go = useGo()
  const [frame, isWide] = useWide()
  const [on, setOn] = useState(-1)
  const body = useRef<HTMLTableSectionElement>(null)
  const last = (rows?.length ?? 0) - 1
  const move = (step: number) => setOn((now) => Math.max(0, Math.min(last, now + step)))
  const open = () => {
    const row = rows?.[on]
    const place = row && to?.(row)
    if (place) go(place)
  }
  useKeys(keyed ? { j: () => move(1), k: () => move(-1), Enter: open } : {})
  useEffect(() => {
    if (on >= 0) body.current?.children[on]?.scrollIntoView({ block: 'nearest' })
  }, [on])
  return (
    // a table that fits lets its head stick to the page; one that does not is scrolled in a frame of its own
    <div
      ref={frame}
      {...(isWide ? { tabIndex: 0, role: 'region', 'aria-label': label } : {})}
      className={isWide ? 'max-h-[78dvh] overflow-auto' : undefined}
    >
      <table
        aria-label={label}
        className="w-full border-separate border-spacing-0 text-[13px] [&_td_button]:min-h-7 [&_td_button]:text-[13px]"
      >
        <thead>
          <tr>
            {columns.map((column) => (
              <th
                key={column.key}
                scope="col"
                className={cx(
                  isWide ? 'top-0' : 'top-12',
                  'sticky z-10 border-b border-edge/60 bg-paper px-3 py-2 text-xs font-medium whitespace-nowrap text-dim first:pl-2',
                  column.right ? 'text-right' : 'text-left',
                )}
              >
                {column.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody ref={body}>
          {rows === undefined
            ? Array.from({ length: skeleton }, (_, i) => `bone-${i}`).map((key, i) => (
                <tr key={key} aria-hidden>
                  {columns.map((column) => (
                    <td key={column.key} className="border-b border-line px-3 py-2.5 first:pl-2">
                      <Bone className={cx('h-3.5', column.right ? 'ml-auto w-16' : i % 2 ? 'w-24' : 'w-20')} />
                    </td>
                  ))}
                </tr>
              ))
            : rows.map((row, i) => {
                const place = to?.(row)
                return (
                  <tr
                    key={keyOf(row)}
                    aria-selected={keyed ? i === on : undefined}
                    onClick={(event) => {
                      const target = event.target as HTMLElement
                      if (place && !target.closest('a, button, input') && !getSelection()?.toString()) go(place)
                    }}
                    className={cx(
                      place && 'cursor-pointer hover:bg-sunk/70',
                      i === on && 'bg-accent-soft/70 outline-2 -outline-offset-2 outline-accent',
                    )}
                  >
                    {columns.map((column) => (
                      <td
                        key={column.key}
                        className={cx(
                          'border-b border-line px-3 py-2 align-middle first:pl-2',
                          column.right && 'text-right',
                          column.grow ? 'w-full min-w-40' : 'whitespace-nowrap',
                        )}
                      >
                        {column.cell(row)}
                      </td>
                    ))}
                  </tr>
                )
              })}
        </tbody>
      </table>
    </div>
  )
}

/** Whether what is in a frame is wider than it. */
function useWide(): [RefObject<HTMLDivElement | null>, boolean] {
  const frame = useRef<HTMLDivElement>(null)
  const [isWide, setWide] = useState(false)
  useLayoutEffect(() => {
    const { current } = frame
    const table = current?.firstElementChild
    if (!current || !table) return
    const watch = new ResizeObserver(() => setWide(table.scrollWidth > current.clientWidth + 1))
    watch.observe(current)
    watch.observe(table)
    return () => watch.disconnect()
  }, [])
  return [frame, isWide]
}
