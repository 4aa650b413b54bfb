// Keys that work on a whole screen. Must stay true: they are silent while somebody types, and while a sheet is open.

import { useEffect, useRef } from 'react'

const typing = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(?:INPUT|TEXTAREA|SELECT)$/.test(target.tagName))

export function useKeys(keys: Readonly<Record<string, (event: KeyboardEvent) => void>>): void {
  const current = useRef(keys)
  current.current = keys
  useEffect(() => {
    const hear = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented || typing(event.target)) return
      if (document.querySelector('[role="dialog"]')) return
      const act = current.current[event.key]
      if (!act) return
      // Enter on a link or a button is that link's
      if (event.key === 'Enter' && event.target instanceof HTMLElement && event.target.closest('a, button')) return
      event.preventDefault()
      act(event)
    }
    addEventListener('keydown', hear)
    return () => removeEventListener('keydown', hear)
  }, [])
}
