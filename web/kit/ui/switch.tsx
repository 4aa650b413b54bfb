// A switch with its label: on or off, at once. What takes a proof first asks for it and then shows the new state.

import { Switch as Base } from '@base-ui/react/switch'
import { type ReactNode, useId } from 'react'

interface Props {
  label: ReactNode
  about?: ReactNode
  on: boolean
  onChange(on: boolean): void
  disabled?: boolean
}

export function SwitchRow({ label, about, on, onChange, disabled }: Props) {
  const id = useId()
  return (
    <div className="flex min-h-16 items-center justify-between gap-4 py-3">
      <span className="min-w-0">
        <span id={id} className="block font-medium">
          {label}
        </span>
        {about && <span className="mt-0.5 block text-sm text-dim">{about}</span>}
      </span>
      <Base.Root
        checked={on}
        onCheckedChange={onChange}
        disabled={disabled ?? false}
        aria-labelledby={id}
        className="flex h-7 w-12 shrink-0 rounded-full border border-edge bg-sunk p-0.5 transition-colors data-checked:border-accent data-checked:bg-accent data-disabled:opacity-50"
      >
        <Base.Thumb className="size-5.5 rounded-full bg-edge transition-transform duration-150 data-checked:translate-x-5 data-checked:bg-on-accent" />
      </Base.Root>
    </div>
  )
}
