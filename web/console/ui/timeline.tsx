// What became of an order, step by step, the newest last; each with why and who.

import { useLanguage } from '../../kit/language.ts'
import { instantText } from '../../kit/time.ts'
import { useWords } from '../words.ts'
import { Ident } from './ident.tsx'
import { State } from './state.tsx'

export interface Step {
  to: string
  at: string
  reason?: string
  note?: string
  tx_hash?: string | null
  by?: string
}

export function Timeline({ steps }: { steps: readonly Step[] }) {
  const say = useWords()
  useLanguage()
  if (steps.length === 0) return <p className="py-2 text-[13px] text-dim">{say('noSteps')}</p>
  return (
    <ol className="text-[13px]">
      {steps.map((step, i) => (
        <li
          // biome-ignore lint/suspicious/noArrayIndexKey: steps keep their places
          key={i}
          className="relative flex gap-3 pb-3 pl-5 before:absolute before:top-2 before:bottom-[-.35rem] before:left-[5px] before:w-px before:bg-line last:pb-1 last:before:hidden"
        >
          <span
            aria-hidden
            className="absolute top-1.5 left-0 size-[11px] rounded-full border-2 border-edge bg-paper"
          />
          <div className="min-w-0">
            <div className="flex flex-wrap items-center gap-x-2 gap-y-0.5">
              <State value={step.to} />
              <time dateTime={step.at} className="figures text-dim">
                {instantText(step.at)}
              </time>
              {step.by && <span>{step.by}</span>}
            </div>
            {(step.reason || step.note) && (
              <p className="mt-0.5 text-dim">{[step.reason, step.note].filter(Boolean).join(' · ')}</p>
            )}
            {step.tx_hash && <Ident value={step.tx_hash} ends={8} />}
          </div>
        </li>
      ))}
    </ol>
  )
}
