// A secret that is shown once: whoever asked for it copies it, and it is gone with the page.
// Must stay true: it lives in this component's state alone.

import { CopyRow } from '../../kit/ui/copy.tsx'
import { Notice } from '../../kit/ui/notice.tsx'

export function SecretOnce({ secret, warning }: { secret: string; warning: string }) {
  return (
    <Notice tone="warn" className="mb-4" title={warning}>
      <CopyRow text={secret} className="mt-2 font-mono text-xs" />
    </Notice>
  )
}
