// The signer's loop: finds what waits to be signed and answers each request once. Its only wire is the database.
// Must stay true: a signature and everything that goes with it commit together, or none of it happened; of any number of
// signers one at a time signs for a wallet; no error of the database, however long, ends the loop.

import { sleep } from '../base/clock.ts'
import { type Database, isDisconnected, isTransient, type Tx } from '../base/database.ts'
import { newId } from '../base/ids.ts'
import type { Log } from '../base/log.ts'
import type { Rules } from './check-payment.ts'
import { Declined } from './declined.ts'
import { nextRequest, type Request, takeWallet, type Wallet, waitingWallets } from './read-request.ts'
import { type Accepted, signRequest } from './sign-request.ts'

export interface Signer extends Rules {
  readonly db: Database
  readonly log: Log
}

const POLL = 100
const LONGEST_WAIT = 2_000
/** Wallets that are served side by side. */
const LANES = 4
const MOST = 100

/** Serves until it is told to stop, and then ends what it has begun. */
export function serveRequests(signer: Signer): { stop(): Promise<void> } {
  const stopping = new AbortController()
  const running = (async () => {
    for (let wait = POLL; !stopping.signal.aborted; ) {
      try {
        await serveWaiting(signer, stopping.signal)
        wait = POLL
      } catch (error) {
        const reason = error instanceof Error ? error.message : String(error)
        if (isDisconnected(error) || isTransient(error)) signer.log.warn({ reason }, 'the database does not answer')
        else signer.log.error({ err: error }, 'requests cannot be served')
        wait = Math.min(wait * 2, LONGEST_WAIT)
      }
      await sleep(wait, stopping.signal)
    }
  })()
  return {
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** Answers everything that waits now. */
export async function serveWaiting(signer: Signer, signal?: AbortSignal): Promise<void> {
  const wallets = await waitingWallets(signer.db, MOST)
  await Promise.all(
    Array.from({ length: LANES }, async () => {
      for (let wallet = wallets.shift(); wallet; wallet = wallets.shift()) {
        while (!signal?.aborted && (await serveOne(signer, wallet)));
      }
    }),
  )
}

/** Answers the wallet's oldest request; false when there is none, or another signer is at it. */
async function serveOne(signer: Signer, wallet: Wallet): Promise<boolean> {
  let asked: Request | undefined
  try {
    return await signer.db.transaction(async (tx) => {
      asked = undefined
      if (!(await takeWallet(tx, wallet))) return false
      asked = await nextRequest(tx, wallet)
      if (!asked) return false
      await answer(signer, tx, asked)
      return true
    })
  } catch (error) {
    if (!asked || isDisconnected(error) || isTransient(error)) throw error
    const { id, bookId, payment } = asked
    // it must not come first again and again, and everything behind it wait; one that was withdrawn is left as it is
    const moved = hasMoved(error)
    if (!moved) signer.log.error({ err: error, request: id, payment: payment.id }, 'a request could not be decided')
    const reason = moved
      ? 'the payment is no longer where it was when it was looked at'
      : 'the signer could not decide; its log says why'
    await refuse(signer.db, bookId, id, new Declined(reason, false))
    return true
  }
}

async function answer(signer: Signer, tx: Tx, request: Request): Promise<void> {
  const { id, bookId, payment } = request
  const about = { request: id, payment: payment.id, kind: payment.order_kind, network: payment.network }
  let accepted: Accepted
  try {
    accepted = await signRequest(tx, signer, request)
  } catch (error) {
    if (!(error instanceof Declined)) throw error
    await refuse(tx, bookId, id, error)
    signer.log.warn({ ...about, reason: error.message, final: error.final }, 'not signed')
    return
  }
  const { nonce, expiresAt, hash, raw } = accepted
  await tx.query('signer-accept', 'select signer_accept($1, $2, $3, $4, $5, $6, $7)', [
    bookId,
    id,
    newId(),
    nonce,
    expiresAt,
    hash,
    raw,
  ])
  signer.log.info({ ...about, nonce, hash }, 'signed')
}

const refuse = (q: Pick<Tx, 'query'>, bookId: number, id: string, { message, final }: Declined) =>
  q.query('signer-refuse', 'select signer_refuse($1, $2, $3, $4)', [bookId, id, message, final])

/** The database would not take it: the request or its payment is no longer where it was when it was read. */
const hasMoved = (error: unknown): boolean =>
  ['signing_requests_waiting', 'chain_payments_dead', 'chain_transactions_replace'].includes(
    (error as { constraint?: string }).constraint ?? '',
  )
