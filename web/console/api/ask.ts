// Asking the operators' API: routes by their name below /console/api, typed by the server's own schemas. The session is a
// cookie that no script can read. Must stay true: when the server says that nobody is signed in, the screens are gone.

import { type UseQueryResult, useQuery } from '@tanstack/react-query'
import { ApiError, addressOf, type DataOf, type Input, send } from '../../kit/api/http.ts'
import { queryClient } from '../../kit/query-client.ts'

const BASE = '/console/api'
type Named = keyof ApiOperations
/** `GET /approvals/{id}` for each operation of the console. */
export type Route = Named extends infer N
  ? N extends `${infer V} /console/api/${infer P}`
    ? `${V} /${P}`
    : never
  : never
type Whole<R extends Route> = R extends `${infer V} /${infer P}` ? Extract<Named, `${V} /console/api/${P}`> : never
export type Data<R extends Route> = DataOf<Whole<R>>
type Given<R extends Route> = Omit<Input<Whole<R>>, 'idempotencyKey'>
type Maybe<R extends Route> = Record<never, never> extends Given<R> ? [input?: Given<R>] : [input: Given<R>]
export type Reading = Extract<Route, `GET ${string}`>

let ended: () => void = () => {}
/** What is to be done when the session turns out to be over. */
export const onSessionEnd = (act: () => void): void => {
  ended = act
}

interface Said {
  data?: unknown
  error?: { code: string; message: string; request_id: string; details: Record<string, unknown> }
}

async function read(response: Response): Promise<unknown> {
  const said = (await response.json().catch(() => undefined)) as Said | undefined
  if (response.ok && said !== undefined && 'data' in said) return said.data
  const retryAfter = Number.parseInt(response.headers.get('retry-after') ?? '', 10)
  throw new ApiError({
    code: -1,
    refusal: said?.error?.code ?? 'Unheard',
    message: said?.error?.message ?? '',
    status: said === undefined && response.ok ? 0 : response.status,
    requestId: said?.error?.request_id ?? response.headers.get('x-request-id') ?? '',
    details: said?.error?.details ?? {},
    ...(Number.isNaN(retryAfter) ? {} : { retryAfter }),
  })
}

async function answerOf(route: string, input: object, token?: string): Promise<Response> {
  const { body, signal, ...place } = input as { body?: unknown; signal?: AbortSignal; path?: object; query?: object }
  const [verb, address] = addressOf(route, place)
  return send(verb, BASE + address, { ...(verb === 'GET' ? {} : { body: body ?? {} }), token, signal })
}

/** The data of a success; an ApiError for anything else. */
export async function ask<R extends Route>(route: R, ...given: Maybe<R>): Promise<Data<R>> {
  const response = await answerOf(route, given[0] ?? {})
  if (response.status === 401) ended()
  return (await read(response)) as Data<R>
}

/** Before there is a cookie: nobody's session ends when this is refused. */
export async function askOpen<R extends Route>(route: R, given: Given<R>, token?: string): Promise<Data<R>> {
  return (await read(await answerOf(route, given, token))) as Data<R>
}

/** Bytes, for pictures. */
export async function askBytes(address: string): Promise<Blob> {
  const response = await send('GET', BASE + address)
  if (response.status === 401) ended()
  if (!response.ok) await read(response)
  return response.blob()
}

interface Options {
  enabled?: boolean
  /** Milliseconds between looks, where what is shown moves by itself. */
  every?: number
  /** Keeps what was shown while the next answer comes, where only the input changed. */
  keep?: boolean
}

export function useAsk<R extends Reading>(
  route: R,
  input?: Omit<Given<R>, 'signal'>,
  options: Options = {},
): UseQueryResult<Data<R>, Error> {
  return useQuery<Data<R>, Error>({
    queryKey: [route, input ?? {}],
    queryFn: ({ signal }) => (ask as (route: R, input: object) => Promise<Data<R>>)(route, { ...input, signal }),
    enabled: options.enabled ?? true,
    refetchInterval: options.every ?? false,
    ...(options.keep ? { placeholderData: ((before: unknown) => before) as never } : {}),
  }) as UseQueryResult<Data<R>, Error>
}

/** Something was decided: all that is shown is asked for again. */
export const lookAgain = (): void => void queryClient.invalidateQueries()
