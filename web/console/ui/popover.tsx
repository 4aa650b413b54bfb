// A small panel under a button: columns, views, the account's menu. Esc and a press elsewhere close it.

import { Popover as Base } from '@base-ui/react/popover'
import type { ReactNode } from 'react'

export function Popover({
  button,
  children,
  label,
  named,
}: {
  button: ReactNode
  children: ReactNode
  label: string
  /** The button says in text what it is. */
  named?: boolean
}) {
  return (
    <Base.Root>
      <Base.Trigger
        {...(named ? {} : { 'aria-label': label })}
        className="inline-flex h-9 items-center gap-1.5 rounded-control border border-edge/60 bg-surface px-2.5 text-[13px] hover:bg-sunk"
      >
        {button}
      </Base.Trigger>
      <Base.Portal>
        <Base.Positioner sideOffset={6} align="end" className="z-50">
          <Base.Popup
            aria-label={label}
            className="max-h-[70dvh] min-w-52 overflow-y-auto rounded-card border border-edge/50 bg-surface p-2 text-[13px] transition-opacity duration-100 data-ending-style:opacity-0 data-starting-style:opacity-0"
          >
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  )
}
