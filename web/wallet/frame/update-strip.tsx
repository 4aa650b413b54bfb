// "A new version is ready", with the button that takes it.

import { useSignal } from '../../kit/signal.ts'
import { useFrameWords } from './frame-words.ts'
import { newVersion, takeNewVersion } from './update.ts'

export function UpdateStrip() {
  const say = useFrameWords()
  const waiting = useSignal(newVersion)
  if (!waiting) return null
  return (
    <p role="status" className="flex min-h-11 items-center justify-center gap-4 bg-info-soft px-4 text-sm text-info">
      {say('updated')}
      <button
        type="button"
        onClick={takeNewVersion}
        className="min-h-11 px-2 font-semibold underline underline-offset-4"
      >
        {say('reload')}
      </button>
    </p>
  )
}
