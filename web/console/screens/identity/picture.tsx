// A document's picture: hidden until it is asked for, then turned and magnified in place.
// Must stay true: its bytes live in this page alone and are let go when it is left.

import { RotateCw, ZoomIn, ZoomOut } from 'lucide-react'
import { useEffect, useState } from 'react'
import { Button, IconButton } from '../../../kit/ui/button.tsx'
import { Problem } from '../../../kit/ui/problem.tsx'
import { askBytes } from '../../api/ask.ts'
import { useIdentityWords } from './identity-words.ts'

const turns = ['rotate-0', 'rotate-90', 'rotate-180', '-rotate-90'] as const
const scales = ['scale-100', 'scale-150', 'scale-200', 'scale-300'] as const
const sides = ['front', 'back', 'holding', 'selfie'] as const

export function Picture({ id, side }: { id: string; side: string }) {
  const say = useIdentityWords()
  const [url, setUrl] = useState<string>()
  const [problem, setProblem] = useState<unknown>()
  const [turn, setTurn] = useState(0)
  const [scale, setScale] = useState(0)
  useEffect(() => () => void (url && URL.revokeObjectURL(url)), [url])
  const known = sides.find((one) => one === side)
  const name = known ? say(known) : side
  const show = () =>
    askBytes(`/identity/${id}/${side}`)
      .then((bytes) => setUrl(URL.createObjectURL(bytes)))
      .catch(setProblem)
  return (
    <figure className="rounded-card border border-line bg-surface">
      <figcaption className="flex h-11 items-center justify-between border-b border-line pr-1 pl-3 text-[13px] font-medium">
        {name}
        {url && (
          <span className="flex">
            <IconButton
              label={`${say('zoomOut')}: ${name}`}
              className="size-9"
              disabled={scale === 0}
              onClick={() => setScale(scale - 1)}
            >
              <ZoomOut aria-hidden className="size-4" />
            </IconButton>
            <IconButton
              label={`${say('zoomIn')}: ${name}`}
              className="size-9"
              disabled={scale === scales.length - 1}
              onClick={() => setScale(scale + 1)}
            >
              <ZoomIn aria-hidden className="size-4" />
            </IconButton>
            <IconButton label={`${say('rotate')}: ${name}`} className="size-9" onClick={() => setTurn((turn + 1) % 4)}>
              <RotateCw aria-hidden className="size-4" />
            </IconButton>
          </span>
        )}
      </figcaption>
      <div tabIndex={url ? 0 : -1} className="flex h-72 items-center justify-center overflow-auto bg-sunk">
        {url ? (
          <img
            src={url}
            alt={name}
            className={`max-h-full max-w-full object-contain transition-transform duration-150 ${turns[turn]} ${scales[scale]}`}
          />
        ) : (
          <div className="px-4 text-center">
            <p className="mb-3 text-[13px] text-dim">{say('hidden')}</p>
            <Button small onClick={() => void show()}>
              {say('show')}
            </Button>
          </div>
        )}
      </div>
      {problem !== undefined && <Problem error={problem} className="m-2" />}
    </figure>
  )
}
