// The answer as the server gave it, for who wants to see all of it. Closed until it is asked for.

import { useWords } from '../words.ts'

export function Raw({ value }: { value: unknown }) {
  const say = useWords()
  return (
    <details className="mt-6 rounded-card border border-line">
      <summary className="cursor-pointer px-4 py-2 text-[13px] font-medium text-dim select-none hover:text-ink">
        {say('raw')}
      </summary>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long answers are scrolled with the keyboard
        tabIndex={0}
        className="max-h-96 overflow-auto border-t border-line bg-sunk px-4 py-3 font-mono text-xs leading-5"
      >
        {JSON.stringify(value, null, 2)}
      </pre>
    </details>
  )
}
