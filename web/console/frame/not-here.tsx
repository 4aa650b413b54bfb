// An address that no screen has, and a thing that is not there.

import { Button } from '../../kit/ui/button.tsx'
import { Notice } from '../../kit/ui/notice.tsx'
import { useWords } from '../words.ts'
import { A } from './link.tsx'

export function NotHere() {
  const say = useWords()
  return (
    <div className="px-6 py-20 text-center">
      <h1 className="text-lg font-semibold">{say('notHere')}</h1>
      <p className="mt-3">
        <A to="/">{say('home')}</A>
      </p>
    </div>
  )
}

/** A screen of ours is broken; the server and the money are not touched by it. */
export function Broken({ error, reset }: { error: unknown; reset: () => void }) {
  const say = useWords()
  return (
    <div className="mx-auto max-w-lg px-6 py-16">
      <h1 className="mb-3 text-lg font-semibold">{say('broken')}</h1>
      <Notice
        tone="bad"
        action={
          <Button small onClick={reset}>
            {say('refresh')}
          </Button>
        }
      >
        {error instanceof Error ? error.message : String(error)}
      </Notice>
    </div>
  )
}
