// Ctrl-K: one field that goes anywhere. A customer, any id, a transaction's hash or a request's id is asked of the server;
// screens are found by their names. Arrows move, Enter opens.

import { Dialog } from '@base-ui/react/dialog'
import { Search } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { ApiError } from '../../kit/api/http.ts'
import { cx } from '../../kit/ui/cx.ts'
import { Problem } from '../../kit/ui/problem.tsx'
import { ask, type Data } from '../api/ask.ts'
import { useKinds } from '../kinds.ts'
import { useWords } from '../words.ts'
import { useGo } from './link.tsx'
import { placeGroups, usePlaceWords } from './places.ts'

type Found = Data<'POST /search'>[number]

const addresses: Readonly<Record<string, (id: string) => string>> = {
  customer: (id) => `/customers/${id}`,
  order: (id) => `/orders/${id}`,
  deposit: (id) => `/orders/${id}`,
  payment: (id) => `/payments/${id}`,
  journal: (id) => `/ledger/journals/${id}`,
  approval: (id) => `/approvals/${id}`,
  request: (id) => `/audit-log?request=${id}`,
}

/** An order has a screen of its own where there is more to it than its ledger entries. */
export const orderAddress = (kind: string, id: string): string =>
  ({ withdrawal: `/withdrawals/${id}`, remittance: `/remittances/${id}` })[kind] ?? `/orders/${id}`

export function Palette({ open, onClose }: { open: boolean; onClose: () => void }) {
  const say = useWords()
  const name = usePlaceWords()
  const kinds = useKinds()
  const go = useGo()
  const field = useRef<HTMLInputElement>(null)
  const [text, setText] = useState('')
  const [found, setFound] = useState<readonly Found[]>()
  const [problem, setProblem] = useState<unknown>()
  const [on, setOn] = useState(0)
  const typed = text.trim()

  useEffect(() => {
    if (!open) return
    setText('')
    setFound(undefined)
    setProblem(undefined)
  }, [open])
  useEffect(() => {
    setOn(0)
    setFound(undefined)
    setProblem(undefined)
    // short words are names of screens; contacts and ids are longer
    if (typed.length < 5) return
    const late = setTimeout(() => {
      ask('POST /search', { body: { q: typed } })
        .then(setFound)
        .catch((error) => !(error instanceof ApiError && error.refusal === 'InvalidParams') && setProblem(error))
    }, 350)
    return () => clearTimeout(late)
  }, [typed])

  const places = placeGroups
    .flatMap((group) => group.places.map((place) => ({ ...place, group: name(group.word), title: name(place.word) })))
    .filter(({ title, group, word }) => `${title} ${group} ${word}`.toLowerCase().includes(typed.toLowerCase()))
    .slice(0, 8)
  const things = (found ?? []).map((one) => ({
    to: one.kind === 'order' ? orderAddress(one.about, one.id) : (addresses[one.kind]?.(one.id) ?? '/'),
    title: one.kind === 'customer' ? one.about : `${kinds(one.kind)} · ${kinds(one.about)}`,
    group: one.id,
  }))
  const choices = [...things, ...places]
  const choose = (at: number) => {
    const choice = choices[at]
    if (!choice) return
    onClose()
    go(choice.to)
  }

  return (
    <Dialog.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Dialog.Portal>
        <Dialog.Backdrop className="fixed inset-0 z-40 bg-black/45" />
        <Dialog.Popup
          initialFocus={field}
          className="fixed top-[12dvh] left-1/2 z-50 flex max-h-[70dvh] w-[min(40rem,92vw)] -translate-x-1/2 flex-col overflow-hidden rounded-[14px] border border-edge/50 bg-surface"
        >
          <Dialog.Title className="sr-only">{say('search')}</Dialog.Title>
          <div className="flex items-center gap-3 border-b border-line px-4">
            <Search aria-hidden className="size-4 shrink-0 text-dim" />
            <input
              ref={field}
              role="combobox"
              aria-expanded
              aria-controls="palette-choices"
              aria-activedescendant={choices[on] ? `palette-${on}` : undefined}
              aria-label={say('search')}
              placeholder={say('searchHint')}
              autoComplete="off"
              spellCheck={false}
              value={text}
              onChange={(event) => setText(event.target.value)}
              onKeyDown={(event) => {
                if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
                  event.preventDefault()
                  const step = event.key === 'ArrowDown' ? 1 : -1
                  setOn((now) => Math.max(0, Math.min(choices.length - 1, now + step)))
                }
                if (event.key === 'Enter') choose(on)
              }}
              className="h-12 w-full bg-transparent text-base outline-none placeholder:text-dim"
            />
            <kbd className="rounded-md border border-line px-1.5 text-xs whitespace-nowrap text-dim">Esc</kbd>
          </div>
          {problem !== undefined && <Problem error={problem} className="m-3" />}
          <div id="palette-choices" role="listbox" aria-label={say('searchThings')} className="overflow-y-auto p-2">
            {choices.map((choice, i) => (
              <button
                key={`${choice.to}${choice.group}`}
                id={`palette-${i}`}
                type="button"
                role="option"
                aria-selected={i === on}
                tabIndex={-1}
                onClick={() => choose(i)}
                onPointerMove={() => setOn(i)}
                className={cx(
                  'flex w-full items-center justify-between gap-4 rounded-md px-3 py-2 text-left text-[13px]',
                  i === on ? 'bg-accent-soft text-accent' : 'text-ink',
                )}
              >
                <span className="font-medium">{choice.title}</span>
                <span className="truncate text-xs text-dim">{choice.group}</span>
              </button>
            ))}
          </div>
          {choices.length === 0 && (
            <p role="status" className="px-5 pb-5 text-[13px] text-dim">
              {say(found === undefined && typed.length >= 5 ? 'search' : 'searchNone')}
              {found === undefined && typed.length >= 5 ? ' …' : ''}
            </p>
          )}
        </Dialog.Popup>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
