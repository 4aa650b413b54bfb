// One line over time, drawn by uPlot in the tokens' colours. Its values are read out in words beside it by whoever shows
// it: a canvas says nothing to a screen reader.

import { useEffect, useRef } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import { useLanguage } from '../language.ts'
import { theme } from '../preference.ts'
import { useSignal } from '../signal.ts'

export interface Point {
  /** Seconds. */
  at: number
  value: number
}

export function LineChart({
  points,
  label,
  height = 200,
}: {
  points: readonly Point[]
  label: string
  height?: number
}) {
  const place = useRef<HTMLDivElement>(null)
  const colours = useSignal(theme)
  const language = useLanguage()
  // biome-ignore lint/correctness/useExhaustiveDependencies: other colours and another language draw it anew
  useEffect(() => {
    const element = place.current
    if (!element) return
    const colour = (name: string) => getComputedStyle(document.documentElement).getPropertyValue(name).trim()
    const axis = { stroke: colour('--dim'), grid: { stroke: colour('--line'), width: 1 }, ticks: { show: false } }
    const chart = new UPlot(
      {
        width: element.clientWidth,
        height,
        legend: { show: false },
        cursor: { y: false },
        axes: [axis, { ...axis, size: 56 }],
        series: [{}, { label, stroke: colour('--accent'), width: 2, points: { show: points.length < 3 } }],
      },
      [points.map(({ at }) => at), points.map(({ value }) => value)],
      element,
    )
    const watch = new ResizeObserver(() => chart.setSize({ width: element.clientWidth, height }))
    watch.observe(element)
    return () => {
      watch.disconnect()
      chart.destroy()
    }
  }, [points, label, height, colours, language])
  return <div ref={place} role="img" aria-label={label} className="w-full" />
}
