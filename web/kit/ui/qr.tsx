// A QR code as one SVG path, black on a white card in dark mode too: scanners need the contrast and the quiet zone.

import { useMemo } from 'react'
import { encode } from 'uqr'
import { cx } from './cx.ts'
import { useKitWords } from './kit-words.ts'

export function QrCode({ text, className }: { text: string; className?: string }) {
  const say = useKitWords()
  const { path, size } = useMemo(() => {
    const { data, size } = encode(text, { ecc: 'M', border: 2 })
    const cells = data.flatMap((row, y) => row.flatMap((dark, x) => (dark ? [`M${x} ${y}h1v1h-1z`] : [])))
    return { path: cells.join(''), size }
  }, [text])
  return (
    <svg
      viewBox={`0 0 ${size} ${size}`}
      role="img"
      aria-label={say('qrOf', { text })}
      shapeRendering="crispEdges"
      className={cx('rounded-control bg-white p-2', className)}
    >
      <path d={path} fill="#000" />
    </svg>
  )
}
