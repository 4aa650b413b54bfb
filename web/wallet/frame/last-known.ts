// The last known state for when there is no network: a few answers, kept on this device while somebody is signed in.
// Must stay true: it is dropped at sign-out; it is shown only with the time it is of.

import { onSignOut } from '../../kit/api/session.ts'
import type { ReadName } from '../../kit/api/use-api.ts'
import { recall, remember } from '../../kit/preference.ts'
import { queryClient } from '../../kit/query-client.ts'
import { Signal } from '../../kit/signal.ts'

const KEY = 'last-known'
/** Of what was restored: so old that it is asked for anew at once, and never taken for an answer of this page. */
const RESTORED = 1
const kept = new Set<string>([
  'GET /api/account/balance',
  'GET /api/account/ledger',
  'GET /api/user/me',
  'GET /api/inbox/unread_count',
  'GET /api/security/status',
] satisfies ReadName[])

interface Kept {
  at: number
  answers: [key: readonly unknown[], data: unknown][]
}

/** When the newest of what is shown was true, or null when nothing is known. */
export const knownAt = new Signal<number | null>(null)

export function keepLastKnown(): void {
  const saved = JSON.parse(recall(KEY) ?? 'null') as Kept | null
  if (saved) {
    knownAt.set(saved.at)
    for (const [key, data] of saved.answers) queryClient.setQueryData(key, data, { updatedAt: RESTORED })
  }
  let timer: ReturnType<typeof setTimeout> | undefined
  queryClient.getQueryCache().subscribe(({ type, query }) => {
    if (type !== 'updated' || query.state.status !== 'success' || !kept.has(String(query.queryKey[0]))) return
    clearTimeout(timer)
    timer = setTimeout(save, 500)
  })
  onSignOut(() => {
    clearTimeout(timer)
    remember(KEY, null)
    knownAt.set(null)
    queryClient.clear()
    sessionStorage.clear()
  })
}

function save(): void {
  const answers = queryClient
    .getQueryCache()
    .getAll()
    .filter(
      (query) =>
        kept.has(String(query.queryKey[0])) && query.state.data !== undefined && query.state.dataUpdatedAt > RESTORED,
    )
    .map((query) => [query.queryKey, query.state.data] as Kept['answers'][number])
    .slice(0, 12)
  const at = Date.now()
  if (answers.length === 0) return
  knownAt.set(at)
  remember(KEY, JSON.stringify({ at, answers } satisfies Kept))
}
