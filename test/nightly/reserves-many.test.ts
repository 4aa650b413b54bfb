// A proof of reserves of 10,000 customers: each of them verifies, against the root that was published.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type ReserveProof, verifyReserveProof } from '../../sdk/reserves.js'
import { newId } from '../../src/base/ids.ts'
import { type Built, buildReserves, saltOf, uidOf } from '../../src/domain/reserves/build-reserves.ts'
import type { SenderOf } from '../../src/domain/reserves/holdings.ts'
import { buildTree, type Snapshot, siblingsOf } from '../../src/domain/reserves/merkle-sum-tree.ts'
import { reserveProof } from '../../src/domain/reserves/reserve-proof.ts'
import { leavesFrom, publishedSnapshot } from '../../src/domain/reserves/reserve-snapshot.ts'
import { houseAccount, personAccount } from '../../src/ledger/accounts.ts'
import { journal } from '../../src/ledger/apply.ts'
import { createPoster } from '../../src/ledger/poster.ts'
import { createEvmSender } from '../../src/providers/evm-sender.ts'
import { startChain } from '../harness/chain.ts'
import { createTestDatabase } from '../harness/database.ts'
import { inLanes } from '../harness/ledger.ts'
import { actorOf, watchedBank } from '../harness/watched.ts'

const COLD = `0x${'c0'.repeat(20)}`

test('10,000 customers: root and books agree, the same tree comes out of the database, each one verifies', async (t) => {
  const PEOPLE = 10_000
  const base = await createTestDatabase()
  const chain = await startChain(31_032)
  try {
    const token = await chain.deploy('EthUsdt', 10n ** 18n)
    const bank = watchedBank(base, { ETH: { chainId: 31_032, contract: token.address, confirmations: 2 } })
    const poster = createPoster(base.db)
    await inLanes(PEOPLE, 200, async (i) => {
      const id = newId()
      const [account, amount] = [
        personAccount(10_001n + BigInt(i), i % 3 === 0 ? 'node' : 'main'),
        BigInt(1 + (i % 977)),
      ]
      const legs = [
        { account: houseAccount('cold', 'USDT', 1), amount: -amount },
        { account, amount },
      ]
      assert.ok(
        (
          await poster.submit({
            bookId: 1,
            journal: journal({ kind: 'adjustment', orderKind: 'adjustment', orderId: id, legs }),
          })
        ).ok,
      )
    })
    await base.owner.query('', `insert into house_addresses values (1, 'evm', $1, 'cold')`, [COLD])
    await chain.send(token, 'transfer', [COLD, 10n ** 12n])
    await chain.mine(3)
    const senderOf: SenderOf = (network) =>
      network.code === 'ETH' ? createEvmSender({ ...network, rpc: chain.url }) : undefined

    const began = performance.now()
    const built: Built = await buildReserves(bank, 1, senderOf)
    t.diagnostic(`built in ${Math.round(performance.now() - began)} ms`)
    const published = await publishedSnapshot(bank.db, 1)
    assert.equal(published.size, PEOPLE)
    const [row] = await base.owner.query<{ owed: string }>(
      '',
      'select sum(balance)::text as owed from accounts where id >= 10000::bigint << 16 and id & 255 = 1',
    )
    assert.equal(published.liabilities[0], BigInt(row?.owed ?? 0))

    // from the kept leaves the same root, and from each leaf a proof that a customer verifies
    const members = await leavesFrom(bank.db, 1, built.id, 0, PEOPLE)
    const snapshot: Snapshot = { bookId: 1, ...published }
    const leaves = members.map(({ personNo, units }) => ({
      uid: uidOf(personNo),
      salt: saltOf(bank, 1, built.id, personNo),
      sums: units,
    }))
    const levels = buildTree(snapshot, leaves)
    assert.deepEqual(levels.at(-1)?.[0]?.hash, published.root)
    assert.equal(new Set(levels[0]?.map(({ hash }) => hash.toString('hex'))).size, PEOPLE)
    const root = { id: built.id, at: published.at.toISOString(), size: PEOPLE, root: built.root }
    for (const [index, leaf] of leaves.entries()) {
      const proof: ReserveProof = {
        format: 'unipay-reserve-proof',
        version: 1,
        snapshot: { book: 1, id: built.id, at: root.at, size: PEOPLE, assets: published.assets },
        leaf: { index, uid: leaf.uid, salt: leaf.salt.toString('hex'), units: leaf.sums.map(String) },
        siblings: siblingsOf(levels, index).map(({ hash, sums }) => ({
          hash: hash.toString('hex'),
          units: sums.map(String),
        })),
        root: built.root,
        liabilities: published.liabilities.map(String),
      }
      verifyReserveProof(proof, root)
      // the same document as the customer is given, from 256 leaves and a dozen kept nodes
      if (index % 97 !== 0) continue
      const personNo = members[index]?.personNo ?? 0n
      assert.deepEqual(await reserveProof(bank, actorOf(personNo)), proof)
    }
  } finally {
    chain.stop()
    await base.drop()
  }
})
