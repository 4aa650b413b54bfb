// How many confirmations of how many, as a bar; the numbers stand beside it in words.

import { useKitWords } from '../../../kit/ui/kit-words.ts'

export function ConfirmationsBar({ now, all }: { now: number; all: number }) {
  const say = useKitWords()
  return (
    <progress
      aria-label={say('loading')}
      value={Math.min(now, all)}
      max={all}
      className="block h-1.5 w-full appearance-none overflow-hidden rounded-full bg-sunk [&::-moz-progress-bar]:bg-accent [&::-webkit-progress-bar]:bg-sunk [&::-webkit-progress-value]:rounded-full [&::-webkit-progress-value]:bg-accent [&::-webkit-progress-value]:transition-[width]"
    />
  )
}
