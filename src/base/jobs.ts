// Puts work on the queue (graphile-worker) inside the transaction that makes it necessary, so that neither can be
// without the other. The tasks themselves live in workers/.

import type { Queries } from './database.ts'

export interface JobOptions {
  /** One waiting job per key: adding it again replaces its payload and time. */
  key?: string
  runAt?: Date
  /** Jobs of one queue run one after the other. */
  queue?: string
  maxAttempts?: number
}

export async function addJob(tx: Queries, task: string, payload: object, options: JobOptions = {}): Promise<void> {
  await tx.query(
    'add-job',
    `select graphile_worker.add_job($1, payload := $2::json, queue_name := $3, run_at := $4::timestamptz,
       max_attempts := $5::int, job_key := $6)`,
    [
      task,
      JSON.stringify(payload),
      options.queue ?? null,
      options.runAt ?? null,
      options.maxAttempts ?? 25,
      options.key ?? null,
    ],
  )
}
