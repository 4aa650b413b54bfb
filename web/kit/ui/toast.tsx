// A sentence that comes and goes: something was saved, something arrived. Said to screen readers; stays while it is looked at.

import { Toast } from '@base-ui/react/toast'
import type { ReactNode } from 'react'

const manager = Toast.createToastManager()

export const toast = (title: string, about?: string): void =>
  void manager.add({ title, ...(about === undefined ? {} : { description: about }), timeout: 5_000 })

export function Toasts({ children }: { children: ReactNode }) {
  return (
    <Toast.Provider toastManager={manager} limit={2}>
      {children}
      <Toast.Portal>
        <Toast.Viewport className="fixed inset-x-4 top-[calc(env(safe-area-inset-top)+.75rem)] z-60 mx-auto max-w-96 sm:right-6 sm:left-auto sm:w-96">
          <Shown />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function Shown() {
  const { toasts } = Toast.useToastManager()
  return toasts.map((each) => (
    <Toast.Root
      key={each.id}
      toast={each}
      className="mb-2 rounded-card border border-line bg-ink px-4 py-3 text-paper transition-all duration-150 data-ending-style:-translate-y-2 data-ending-style:opacity-0 data-starting-style:-translate-y-2 data-starting-style:opacity-0"
    >
      <Toast.Title className="text-sm font-semibold" />
      <Toast.Description className="text-sm opacity-80" />
    </Toast.Root>
  ))
}
