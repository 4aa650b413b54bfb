// A screen: its title, the way back, its content, and the one thing to do, pinned where the thumb is.
// Must stay true: one h1, one main; the document's title names the screen.

import { useCanGoBack, useRouter } from '@tanstack/react-router'
import { ArrowLeft } from 'lucide-react'
import { type ReactNode, useEffect } from 'react'
import { IconButton } from '../../kit/ui/button.tsx'
import { cx } from '../../kit/ui/cx.ts'
import { useKitWords } from '../../kit/ui/kit-words.ts'

interface Props {
  title: string
  /** Where "back" leads when there is no history; screens of the bar have none. */
  back?: string
  onBack?: () => void
  aside?: ReactNode
  /** The primary action. */
  action?: ReactNode
  children: ReactNode
}

export function Screen({ title, back, onBack, aside, action, children }: Props) {
  const say = useKitWords()
  const router = useRouter()
  const canGoBack = useCanGoBack()
  useEffect(() => {
    document.title = `${title} · UniPay`
  }, [title])
  const leave = onBack ?? (() => (canGoBack ? router.history.back() : void router.navigate({ to: back ?? '/' })))
  return (
    <main id="content" tabIndex={-1} className="mx-auto flex w-full max-w-xl flex-1 flex-col px-5 outline-none">
      <header className="flex min-h-14 items-center gap-1 pt-2">
        {(back !== undefined || onBack) && (
          <IconButton label={say('back')} onClick={leave} className="-ml-3">
            <ArrowLeft aria-hidden className="size-5" />
          </IconButton>
        )}
        <h1 className="min-w-0 flex-1 text-xl font-semibold">{title}</h1>
        {aside}
      </header>
      <div className={cx('flex-1 pt-2 pb-8', action ? 'pb-4' : undefined)}>{children}</div>
      {action && (
        <div className="sticky bottom-0 -mx-5 border-t border-line bg-paper px-5 pt-3 pb-[calc(0.75rem+env(safe-area-inset-bottom))] sm:static sm:border-0 sm:pb-10">
          {action}
        </div>
      )}
    </main>
  )
}
