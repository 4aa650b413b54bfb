// A state in a word and a colour. Must stay true: one colour system for all orders: green is over and well, amber waits for
// somebody, blue is under way, red is trouble; an unknown state shows as the word it is.

import type { Tone } from '../../kit/ui/notice.tsx'
import { Chip } from '../../kit/ui/notice.tsx'
import { useStates } from '../words.ts'

const tones: Readonly<Record<Tone, readonly string[]>> = {
  good: [
    'confirmed',
    'credited',
    'completed',
    'approved',
    'applied',
    'active',
    'done',
    'success',
    'booked',
    'fine',
    'paid',
    'delivered',
    'final',
    'following',
    'captured',
    'approve',
  ],
  warn: [
    'review',
    'pending',
    'open',
    'verification',
    'warning',
    'low',
    'high',
    'held',
    'awaiting_payment',
    'awaiting_release',
    'waiting',
    'invited',
    'incomplete',
    'topping_up',
  ],
  info: [
    'submitted',
    'processing',
    'confirming',
    'queued',
    'planned',
    'moving',
    'ready',
    'signed',
    'broadcast',
    'mined',
    'sent',
    'requested',
    'applying',
    'created',
  ],
  bad: [
    'failed',
    'rejected',
    'uncertain',
    'refused',
    'reversed',
    'returned',
    'frozen',
    'critical',
    'halted',
    'paused',
    'stopped',
    'dead',
    'reject',
    'unsupported',
    'orphaned',
    'blocked',
    'stolen',
    'declined',
  ],
  plain: [],
}
export const toneOf = (state: string): Tone =>
  (Object.entries(tones).find(([, states]) => states.includes(state))?.[0] as Tone | undefined) ?? 'plain'

export function useStateText(): (state: string) => string {
  const say = useStates()
  return (state) => {
    const text = say(state as never)
    return text === '' ? state.replaceAll('_', ' ') : text.replaceAll('_', ' ')
  }
}

/** Of an account or a hold: open is its ordinary state, nobody has to do anything. */
export const Standing = ({ value, open = 'active' }: { value: string; open?: string }) => (
  <State value={value === 'open' ? open : value} />
)

export function State({ value, tone }: { value: string; tone?: Tone }) {
  const text = useStateText()
  return <Chip tone={tone ?? toneOf(value)}>{text(value)}</Chip>
}
