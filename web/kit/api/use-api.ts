// Reading the server from components: one query for each operation and its input, told anew when something happened.
// Must stay true: only reads; what changes things goes through `api` where the customer asked for it.

import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { queryClient } from '../query-client.ts'
import type { DataOf, Input, OperationName } from './http.ts'
import { api } from './session.ts'

export type ReadName = Extract<OperationName, `GET /api/${string}`>
export type InputOf<N extends ReadName> = Omit<Input<N>, 'idempotencyKey' | 'signal'>

interface Options {
  enabled?: boolean
  /** Milliseconds, for what no event tells. */
  every?: number | false
  /** Shows the last answer while the next is asked for, where only the input has changed. */
  keep?: boolean
}

export function useApi<N extends ReadName>(
  name: N,
  input?: InputOf<N>,
  options: Options = {},
): UseQueryResult<DataOf<N>, Error> {
  return useQuery<DataOf<N>, Error>({
    queryKey: [name, input ?? {}],
    queryFn: ({ signal }) => (api as (name: N, input: object) => Promise<DataOf<N>>)(name, { ...input, signal }),
    enabled: options.enabled ?? true,
    refetchInterval: options.every ?? false,
    ...(options.keep ? { placeholderData: ((before: unknown) => before) as never } : {}),
  }) as UseQueryResult<DataOf<N>, Error>
}

/** Has what these operations said asked for again, by everybody who shows it. */
export const tellChanged = (...names: ReadName[]): void => {
  for (const name of names) void queryClient.invalidateQueries({ queryKey: [name] })
}
