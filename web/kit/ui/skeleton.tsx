// Grey shapes of what is to come, in its size, so that nothing jumps when it does.

import { cx } from './cx.ts'
import { useKitWords } from './kit-words.ts'

export const Bone = ({ className }: { className?: string }) => (
  <span aria-hidden className={cx('block animate-pulse rounded-md bg-sunk', className)} />
)

/** As many rows as a list will have. */
export function SkeletonRows({ count = 5 }: { count?: number }) {
  const say = useKitWords()
  return (
    <div role="status" aria-label={say('loading')}>
      {Array.from({ length: count }, (_, i) => `row-${i}`).map((key) => (
        <div key={key} className="flex items-center gap-3 border-b border-line py-3.5 last:border-0">
          <Bone className="size-10 rounded-full" />
          <span className="flex-1 space-y-2">
            <Bone className="h-4 w-2/5" />
            <Bone className="h-3 w-1/4" />
          </span>
          <Bone className="h-4 w-20" />
        </div>
      ))}
    </div>
  )
}
