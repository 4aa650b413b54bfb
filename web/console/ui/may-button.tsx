// A button for what roles allow. Must stay true: who may not do it still sees it, grey, with who may.

import type { ComponentProps } from 'react'
import { Button } from '../../kit/ui/button.tsx'
import type { Route } from '../api/ask.ts'
import { useMay } from '../api/session.ts'
import { useWords } from '../words.ts'

export function MayButton({
  route,
  why,
  disabled,
  ...button
}: ComponentProps<typeof Button> & { route: Route; why?: string }) {
  const say = useWords()
  const { may, roles } = useMay(route)
  const reason = may ? why : say('needsRole', { roles: roles.join(', ') })
  return (
    <span title={reason} className="inline-flex">
      <Button small {...button} disabled={!may || disabled || why !== undefined} />
      {reason && <span className="sr-only">{reason}</span>}
    </span>
  )
}
