// Copying a text: the whole row can be pressed, and says in place that it was done.

import { Check, Copy } from 'lucide-react'
import { type ReactNode, useEffect, useState } from 'react'
import { cx } from './cx.ts'
import { useKitWords } from './kit-words.ts'

/** Puts a text on the clipboard; where pages may not, selects it in a field of its own and asks the browser to. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    const area = document.createElement('textarea')
    area.value = text
    document.body.append(area)
    area.select()
    const done = document.execCommand('copy')
    area.remove()
    return done
  }
}

export function useCopied(): [copied: boolean, copy: (text: string) => void] {
  const [at, setAt] = useState(0)
  useEffect(() => {
    if (at === 0) return
    const timer = setTimeout(() => setAt(0), 2_000)
    return () => clearTimeout(timer)
  }, [at])
  return [at !== 0, (text) => void copyText(text).then((done) => done && setAt(Date.now()))]
}

export function CopyRow({ text, children, className }: { text: string; children?: ReactNode; className?: string }) {
  const say = useKitWords()
  const [copied, copy] = useCopied()
  return (
    <button
      type="button"
      onClick={() => copy(text)}
      className={cx(
        'flex w-full items-center justify-between gap-3 rounded-control border border-line bg-surface px-3.5 py-3 text-left hover:bg-sunk',
        className,
      )}
    >
      <span className="min-w-0 break-all">{children ?? text}</span>
      <span aria-live="polite" className="flex shrink-0 items-center gap-1 text-sm font-medium text-accent">
        {copied ? <Check aria-hidden className="size-4" /> : <Copy aria-hidden className="size-4" />}
        {say(copied ? 'copied' : 'copy')}
      </span>
    </button>
  )
}
