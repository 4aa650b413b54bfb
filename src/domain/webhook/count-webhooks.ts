// How webhooks are going, for those who watch the installation: endpoints that fail, and what waits for those that answer.
// Must stay true: it costs what is open, and no more than a bound of it.

import type { Queries } from '../../base/database.ts'

const MOST = 100_000

export interface WebhookCount {
  /** Endpoints whose last try failed. */
  failing: number
  /** Endpoints that were disabled for it. */
  disabled: number
  /** Deliveries that are due at endpoints that answer, up to a bound. */
  due: number
  /** Since when the oldest of them has been due. */
  oldest: Date | null
}

/** Of all books. */
export async function countWebhooks(q: Queries, now: Date): Promise<WebhookCount> {
  const [row] = await q.query<WebhookCount>(
    'webhooks-count',
    `select (select count(*)::integer from webhook_endpoints where status = 'active' and failing_since is not null) as failing,
       (select count(*)::integer from webhook_endpoints where status = 'disabled' and disabled_for = 'failures') as disabled,
       count(*)::integer as due, min(next_at) as oldest
     from (select d.next_at from webhook_deliveries d
           join webhook_endpoints e on e.book_id = d.book_id and e.id = d.endpoint_id
           where d.status = 'waiting' and d.next_at <= $1 and e.status = 'active' and e.failing_since is null
           limit ${MOST}) waiting`,
    [now],
  )
  return row ?? { failing: 0, disabled: 0, due: 0, oldest: null }
}
