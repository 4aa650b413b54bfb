// The networks of this installation, as choices of a filter.

import { useAsk } from '../api/ask.ts'

export function useNetworks(): { value: string; label: string }[] {
  const { data } = useAsk('GET /chains')
  return (data ?? []).map(({ network, name }) => ({ value: network, label: name }))
}
