// A sheet that comes up from the thumb's side on phones and stands in the middle on wider screens. The focus stays inside,
// Esc and a tap beside it close it, and the page behind does not scroll.

import { Dialog } from '@base-ui/react/dialog'
import { X } from 'lucide-react'
import type { ReactNode } from 'react'
import { cx } from './cx.ts'
import { useKitWords } from './kit-words.ts'

interface Props {
  open: boolean
  onClose(): void
  title: string
  about?: ReactNode
  children: ReactNode
  /** Nothing closes it but its own buttons: something is being decided. */
  held?: boolean
  wide?: boolean
}

export function Sheet({ open, onClose, title, about, children, held, wide }: Props) {
  const say = useKitWords()
  return (
    <Dialog.Root
      open={open}
      onOpenChange={(next) => !next && !held && onClose()}
      disablePointerDismissal={held ?? false}
    >
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/45 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0" />
        <Dialog.Popup
          className={cx(
            'fixed inset-x-0 bottom-0 z-50 flex max-h-[92dvh] flex-col overflow-hidden rounded-t-[16px] bg-surface',
            'border border-line pb-[env(safe-area-inset-bottom)] transition-transform duration-200 ease-out',
            'data-ending-style:translate-y-6 data-starting-style:translate-y-6',
            'sm:inset-auto sm:top-1/2 sm:left-1/2 sm:w-full sm:-translate-x-1/2 sm:-translate-y-1/2 sm:rounded-[16px]',
            wide ? 'sm:max-w-2xl' : 'sm:max-w-md',
          )}
        >
          <div className="flex items-start justify-between gap-3 px-5 pt-4 pb-2">
            <div className="min-w-0 pt-1.5">
              <Dialog.Title className="text-lg leading-snug font-semibold">{title}</Dialog.Title>
              {about && <Dialog.Description className="mt-1 text-sm text-dim">{about}</Dialog.Description>}
            </div>
            {!held && (
              <Dialog.Close
                aria-label={say('close')}
                className="-mr-2 inline-flex size-11 shrink-0 items-center justify-center rounded-control text-dim hover:bg-sunk"
              >
                <X aria-hidden className="size-5" />
              </Dialog.Close>
            )}
          </div>
          <div className="min-h-0 flex-1 overflow-y-auto px-5 pb-5">{children}</div>
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
