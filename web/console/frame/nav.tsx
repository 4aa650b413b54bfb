// The navigation: groups by job, with how much waits. What one may not open is there, grey, and says who may.

import { Lock } from 'lucide-react'
import { cx } from '../../kit/ui/cx.ts'
import { useAsk } from '../api/ask.ts'
import { useMay } from '../api/session.ts'
import { useWords } from '../words.ts'
import { A, usePlace } from './link.tsx'
import { isAt, type Place, placeGroups, usePlaceWords } from './places.ts'

export const useToday = () => useAsk('GET /today', {}, { every: 15_000 })

export function Nav() {
  const say = useWords()
  const name = usePlaceWords()
  const { path } = usePlace()
  const { data: today } = useToday()
  return (
    <nav aria-label={say('navigation')} className="flex flex-col gap-4 px-3 py-4 text-[13px]">
      <ul>
        <li>
          <A to="/" className={rowLook(path === '/')} current={path === '/'}>
            <span className="font-medium">{name('today')}</span>
          </A>
        </li>
      </ul>
      {placeGroups.map((group) => (
        <section key={group.word} aria-labelledby={`nav-${group.word}`}>
          <h2 id={`nav-${group.word}`} className="px-2 pb-1 text-xs font-medium text-dim">
            {name(group.word)}
          </h2>
          <ul>
            {group.places.map((place) => (
              <Entry key={place.to} place={place} count={today && place.count?.(today)} />
            ))}
          </ul>
        </section>
      ))}
    </nav>
  )
}

const rowLook = (isOn: boolean) =>
  cx(
    'flex min-h-8 items-center justify-between gap-2 rounded-md px-2 py-1',
    isOn ? 'bg-accent-soft font-medium text-accent' : 'text-ink hover:bg-sunk',
  )

function Entry({ place, count }: { place: Place; count: number | undefined }) {
  const say = useWords()
  const name = usePlaceWords()
  const { path, search } = usePlace()
  const { may, roles } = useMay(place.needs)
  if (!may) {
    return (
      <li
        title={say('needsRole', { roles: roles.join(', ') })}
        className="flex min-h-8 cursor-not-allowed items-center justify-between px-2 py-1 text-dim"
      >
        {name(place.word)}
        <Lock aria-hidden className="size-3.5" />
        <span className="sr-only">: {say('needsRole', { roles: roles.join(', ') })}</span>
      </li>
    )
  }
  const isOn = isAt(place, path, search)
  return (
    <li>
      <A to={place.to} className={rowLook(isOn)} current={isOn}>
        <span>{name(place.word)}</span>
        {count ? (
          <span className="figures rounded-full bg-warn-soft px-1.5 text-xs font-semibold text-warn">{count}</span>
        ) : null}
      </A>
    </li>
  )
}
