// An instant as "5 minutes ago", kept current, with the exact time on hover and for screen readers' time element.

import { useEffect, useState } from 'react'
import { useLanguage } from '../language.ts'
import { agoText, instantText } from '../time.ts'

export function When({ at }: { at: string }) {
  useLanguage()
  const [now, setNow] = useState(() => Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000)
    return () => clearInterval(timer)
  }, [])
  return (
    <time dateTime={at} title={instantText(at)}>
      {agoText(at, Math.max(now, new Date(at).getTime()))}
    </time>
  )
}
