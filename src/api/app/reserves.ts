// 储备金证明 Proof of reserves: what everybody can see of it, and each customer's own proof. Not in the app document.
// Units in a proof are whole numbers of the asset's smallest unit, as the verifier hashes them; all other amounts decimals.

import { Type as T } from 'typebox'
import { Refusal } from '../../base/errors.ts'
import { isId } from '../../base/ids.ts'
import type { Bank } from '../../domain/context.ts'
import { reserveProof } from '../../domain/reserves/reserve-proof.ts'
import {
  type Published,
  publishedSnapshot,
  publishedSnapshots,
  reserveAddresses,
} from '../../domain/reserves/reserve-snapshot.ts'
import { assets } from '../../ledger/accounts.ts'
import { type AppServer, actorOf, amountText, Instant, instantText, Ok, ok, pageOf, pageQuery, strict } from './wire.ts'

const tags = ['储备金证明']
const Units = T.String({ pattern: '^[0-9]{1,19}$' })
const Hash = T.String({ pattern: '^[0-9a-f]{64}$' })
const snapshotQuery = {
  snapshot: T.Optional(T.String({ maxLength: 40, description: 'id of a snapshot; else the newest' })),
}

const SnapshotAnswer = T.Object({
  id: T.String(),
  at: Instant,
  size: T.Integer(),
  root: Hash,
  assets: T.Array(
    T.Object({
      asset: T.String(),
      liabilities: T.String(),
      holdings: T.String(),
      paid_not_booked: T.String(),
    }),
  ),
  places: T.Array(
    T.Object({
      network: T.String(),
      asset: T.String(),
      block: T.Integer(),
      addresses: T.Integer(),
      amount: T.String(),
    }),
  ),
  payments: T.Array(T.Object({ network: T.String(), asset: T.String(), tx_hash: T.String(), amount: T.String() })),
})

export function reservesRoutes(app: AppServer, bank: Bank) {
  const bookId = bank.config.DEFAULT_BOOK

  app.get(
    '/api/reserves',
    {
      config: { auth: 'public' },
      schema: {
        tags,
        operationId: 'listReserves',
        summary: '储备金快照 / Snapshots of reserves, newest first',
        querystring: strict(pageQuery),
        response: { 200: Ok(T.Object({ items: T.Array(SnapshotAnswer), page: T.Integer(), size: T.Integer() })) },
      },
    },
    async (request) => {
      const { page, size, offset } = pageOf(request.query)
      const items = await publishedSnapshots(bank.db, bookId, { offset, size })
      return ok({ items: items.map(shown), page, size })
    },
  )

  app.get(
    '/api/reserves/addresses',
    {
      config: { auth: 'public' },
      schema: {
        tags,
        operationId: 'listReserveAddresses',
        summary: '储备金地址 / Addresses of a snapshot and what each held',
        querystring: strict({ ...snapshotQuery, ...pageQuery }),
        response: {
          200: Ok(
            T.Object({
              snapshot: T.String(),
              items: T.Array(
                T.Object({
                  network: T.String(),
                  asset: T.String(),
                  address: T.String(),
                  purpose: T.String(),
                  chain_units: T.String(),
                }),
              ),
              page: T.Integer(),
              size: T.Integer(),
            }),
          ),
        },
      },
    },
    async (request) => {
      const { snapshot, ...query } = request.query
      const { page, size, offset } = pageOf(query)
      const { id } = await publishedSnapshot(bank.db, bookId, idOf(snapshot))
      const items = await reserveAddresses(bank.db, bookId, id, { offset, size })
      return ok({
        snapshot: id,
        items: items.map(({ value, ...rest }) => ({ ...rest, chain_units: value })),
        page,
        size,
      })
    },
  )

  app.get(
    '/api/reserves/proof',
    {
      schema: {
        tags,
        operationId: 'getReserveProof',
        summary: '本人的储备金证明 / Proof that one’s own balance is part of a snapshot; verify it with @unipay/sdk',
        querystring: strict(snapshotQuery),
        response: {
          200: Ok(
            T.Object({
              format: T.Literal('unipay-reserve-proof'),
              version: T.Literal(1),
              snapshot: T.Object({
                book: T.Integer(),
                id: T.String(),
                at: T.String(),
                size: T.Integer(),
                assets: T.Array(T.String()),
              }),
              leaf: T.Object({ index: T.Integer(), uid: T.String(), salt: Hash, units: T.Array(Units) }),
              siblings: T.Array(T.Object({ hash: Hash, units: T.Array(Units) })),
              root: Hash,
              liabilities: T.Array(Units),
            }),
          ),
        },
      },
    },
    async (request) => ok(await reserveProof(bank, actorOf(request), idOf(request.query.snapshot))),
  )
}

function idOf(text: string | undefined): string | undefined {
  if (text !== undefined && !isId(text)) throw new Refusal('NotFound')
  return text
}

const shown = (snapshot: Published) => ({
  id: snapshot.id,
  at: instantText(snapshot.at),
  size: snapshot.size,
  root: snapshot.root.toString('hex'),
  assets: snapshot.assets.map((asset, i) => {
    const text = (of: readonly bigint[]) => amountText(of[i] ?? 0n, assets[asset].scale)
    return {
      asset,
      liabilities: text(snapshot.liabilities),
      holdings: text(snapshot.holdings),
      paid_not_booked: text(snapshot.paid),
    }
  }),
  places: snapshot.places.map(({ units, ...place }) => ({
    ...place,
    amount: amountText(BigInt(units), assets[place.asset].scale),
  })),
  payments: snapshot.payments.map(({ units, ...payment }) => ({
    ...payment,
    amount: amountText(BigInt(units), assets[payment.asset].scale),
  })),
})
