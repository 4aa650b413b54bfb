// What the owner of the tables changes in the past, with every balance and hash that he can reach made to fit: each case
// is found by the proof of the books and named where it is.

import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Database, transactionOn } from '../src/base/database.ts'
import { verifyLedger } from '../src/ledger/audit.ts'
import { createPoster } from '../src/ledger/poster.ts'
import { SealBroken, sealBook } from '../src/ledger/seal.ts'
import { fund, main } from './harness/ledger.ts'
import { ALICE, BOB, sealedBooks } from './harness/sealed-books.ts'

const CHAIN = `
  create or replace function pg_temp.chain(from_no bigint) returns void language plpgsql as $$
  declare s seals; before bytea;
  begin
    for s in select * from seals where no >= from_no order by no loop
      select hash into before from seals where no = s.no - 1;
      update seals set hash = sha256(coalesce(before, sha256('unipay book 1')) || s.digests) where no = s.no;
    end loop;
  end $$;`
const REDO = `
  update seals s set digests = (
    select string_agg(sha256(convert_to(journal_text(j, (select string_agg(leg_text(e), ';' order by e.account_id, e.seq)
                                                          from entries e where e.journal_id = j.id)), 'UTF8')), '' order by u.n)
    from unnest(s.journal_ids) with ordinality u (id, n) join journals j on j.id = u.id);`
/** The balances that follow from the entries' amounts, so that nothing but a seal can tell. */
const REBALANCE = `
  update entries e set balance_after = x.after
  from (select account_id, seq, sum(amount) over (partition by account_id order by seq) as after from entries) x
  where x.account_id = e.account_id and x.seq = e.seq;
  update accounts a set balance = (select coalesce(sum(amount), 0) from entries where account_id = a.id),
                        seq = (select count(*) from entries where account_id = a.id);`
/** Numbers each account's entries anew, without gaps. */
const RENUMBER = `
  update entries e set seq = -x.n from (select account_id, seq, row_number() over (partition by account_id order by recorded_at, seq) as n from entries) x
  where x.account_id = e.account_id and x.seq = e.seq;
  update entries set seq = -seq;`

const TAMPERING: Record<string, { sql: (ids: string[]) => string; finds: (ids: string[]) => RegExp[] }> = {
  'a journal taken out with all its traces': {
    sql: ([, , , id]) =>
      `delete from entries where journal_id = '${id}'; delete from journals where id = '${id}'; ${RENUMBER} ${REBALANCE}`,
    finds: ([, , , id]) => [new RegExp(`journal ${id} of seal 1 is gone`)],
  },
  'the newest journals cut off': {
    sql: (ids) =>
      `delete from entries where journal_id in (${list(ids.slice(55))}); delete from journals where id in (${list(ids.slice(55))}); ${REBALANCE}`,
    finds: (ids) => ids.slice(55).map((id) => new RegExp(`journal ${id} of seal 6 is gone`)),
  },
  'the newest journals cut off together with their seals': {
    sql: (ids) =>
      `delete from entries where journal_id in (${list(ids.slice(50))}); delete from journals where id in (${list(ids.slice(50))});
       delete from seals where no = 6; ${REBALANCE}`,
    finds: () => [/seal 6 \(.*\) was anchored and is gone/],
  },
  'all seals thrown away': {
    sql: () => 'truncate seals',
    finds: () => [/seal 1 \(.*\) was anchored and is gone, and 5 anchored after it/],
  },
  'everything thrown away': {
    sql: () => 'truncate seals; truncate journals; truncate entries; truncate accounts cascade',
    finds: () => [/seal 1 \(.*\) was anchored and is gone/],
  },
  'a payment made larger, with every balance after it': {
    sql: ([, , , , , id]) =>
      `update journals set amounts = array[amounts[1] - 100, amounts[2] + 100] where id = '${id}';
       update entries set amount = amount + sign(amount) * 100 where journal_id = '${id}'; ${REBALANCE}`,
    finds: ([, , , , , id]) => [new RegExp(`journal ${id} is not as it was sealed \\(seal 1\\)`)],
  },
  'a payment turned to somebody else': {
    sql: ([, , , , , id]) =>
      `update journals set account_ids[2] = ${main(10_003n)} where id = '${id}';
       insert into accounts (book_id, id) values (1, ${main(10_003n)});
       update entries set account_id = ${main(10_003n)} where journal_id = '${id}' and amount > 0; ${RENUMBER} ${REBALANCE}`,
    finds: ([, , , , , id]) => [new RegExp(`journal ${id} is not as it was sealed \\(seal 1\\)`)],
  },
  'a memo changed by one letter': {
    sql: (ids) => `update journals set memo = 'x' where id = '${ids[25]}'`,
    finds: (ids) => [new RegExp(`journal ${ids[25]} is not as it was sealed \\(seal 3\\)`)],
  },
  'another kind of movement': {
    sql: (ids) => `update journals set kind = 'deposit' where id = '${ids[25]}'`,
    finds: (ids) => [new RegExp(`journal ${ids[25]} is not`)],
  },
  'another order': {
    sql: (ids) => `update journals set order_id = gen_random_uuid() where id = '${ids[25]}'`,
    finds: (ids) => [new RegExp(`journal ${ids[25]} is not`)],
  },
  'a day that it never belonged to': {
    sql: (ids) =>
      `update journals set value_at = '2020-01-01' where id = '${ids[25]}'; update entries set value_at = '2020-01-01' where journal_id = '${ids[25]}'`,
    finds: (ids) => [new RegExp(`journal ${ids[25]} is not`)],
  },
  'another time, beyond its seal': {
    sql: (ids) => `update journals set recorded_at = recorded_at - interval '1 year' where id = '${ids[25]}'`,
    finds: (ids) => [new RegExp(`journal ${ids[25]} is not`)],
  },
  'a movement slipped into the past': {
    sql: (ids) => `
      insert into journals select 1, '00000000-0000-0000-0000-00000000000f', kind, key, order_kind, gen_random_uuid(), '', null, null,
        account_ids, amounts, recorded_at, null from journals where id = '${ids[33]}';
      insert into entries select 1, account_id, 1000 + seq, '00000000-0000-0000-0000-00000000000f', amount, 0, recorded_at, null
        from entries where journal_id = '${ids[33]}'; ${RENUMBER} ${REBALANCE}`,
    finds: () => [
      /journal 00000000-0000-0000-0000-00000000000f lies in the time of seals 1 to 6 and is in none of them/,
    ],
  },
  'the entries of one account in another order': {
    sql: (ids) => `
      update entries set recorded_at = (select min(recorded_at) from journals);
      update journals set recorded_at = (select min(recorded_at) from entries) where id in (${list(ids.slice(3, 5))});
      update entries a set seq = 1000 + b.seq from entries b where a.account_id = ${main(ALICE)} and b.account_id = a.account_id
        and (a.journal_id, b.journal_id) in (('${ids[3]}', '${ids[4]}'), ('${ids[4]}', '${ids[3]}'));
      update entries set seq = seq - 1000 where seq > 1000; ${REBALANCE}`,
    finds: (ids) => [new RegExp(`journal ${ids[3]} is not as it was sealed`), new RegExp(`journal ${ids[4]} is not`)],
  },
  'a digest changed to fit a changed journal': {
    sql: (ids) => `update journals set memo = 'x' where id = '${ids[25]}'; ${REDO}`,
    finds: () => [/seal 3 does not follow from the one before it/],
  },
  'the whole chain made anew to fit a changed journal': {
    sql: (ids) => `update journals set memo = 'x' where id = '${ids[25]}'; ${REDO} ${CHAIN} select pg_temp.chain(1);`,
    finds: () => [/seal 3 \(.*\) is not the one that was anchored, and 3 anchored after it/],
  },
  'a seal rewritten': {
    sql: () => `update seals set hash = sha256('mine') where no = 4`,
    finds: () => [/seal 4 does not follow/, /seal 4 \(.*\) is not the one that was anchored/],
  },
  'a seal taken out': {
    sql: () => 'delete from seals where no = 4',
    finds: () => [/seal 4 is missing/, /is in none of them/, /seal 4 \(.*\) was anchored and is gone/],
  },
  'two seals changed round': {
    sql: () =>
      `update seals set no = 100 where no = 4; update seals set no = 4 where no = 5; update seals set no = 5 where no = 100; ${CHAIN} select pg_temp.chain(1);`,
    finds: () => [/seal 5 is not in the order of time/, /seal 4 \(.*\) is not the one that was anchored/],
  },
  'two journals of a seal changed round': {
    sql: () =>
      `update seals set journal_ids = (journal_ids[1:1] || journal_ids[3:3] || journal_ids[2:2] || journal_ids[4:10]) where no = 6; ${REDO} ${CHAIN} select pg_temp.chain(1);`,
    finds: () => [/seal 6 is not in the order of time/, /seal 6 \(.*\) is not the one that was anchored/],
  },
  'a journal sealed twice': {
    sql: (ids) =>
      `insert into seals select 1, 7, array['${ids[2]}'::uuid], substring(digests from 65 for 32), last_at, hash from seals where no = 1; ${CHAIN} select pg_temp.chain(7);`,
    finds: () => [/seal 7 is not in the order of time/],
  },
  'a seal that pretends to end later': {
    sql: () => `update seals set last_at = last_at + interval '1 second' where no = 6`,
    finds: () => [/seal 6 ends at another time than its last journal/],
  },
  'a balance raised': {
    sql: () => `update accounts set balance = balance + 1 where id = ${main(BOB)}`,
    finds: () => [new RegExp(`account ${main(BOB)}: balance \\d+, entries \\d+`)],
  },
  'an entry taken out': {
    sql: (ids) => `delete from entries where journal_id = '${ids[25]}' and amount > 0`,
    finds: (ids) => [/asset 1 is off by -/, new RegExp(`journal ${ids[25]} is not as it was sealed`)],
  },
  'a journal without its entries': {
    sql: (ids) => `delete from entries where journal_id = '${ids[25]}'; ${RENUMBER} ${REBALANCE}`,
    finds: (ids) => [new RegExp(`journal ${ids[25]} at .*: legs .*; entries none`)],
  },
  'entries without their journal': {
    sql: (ids) => `delete from journals where id = '${ids[25]}'`,
    finds: (ids) => [new RegExp(`entry \\d+ of -?\\d+: journal ${ids[25]} is not there`)],
  },
  'money held that no hold explains': {
    sql: () => `update accounts set held = 5 where id = ${main(BOB)}`,
    finds: () => [new RegExp(`account ${main(BOB)}: held 5, holds 0`)],
  },
  'sealing switched off for hours': {
    sql: () => `truncate seals; update journals set recorded_at = recorded_at - interval '2 hours';
      update entries set recorded_at = recorded_at - interval '2 hours'`,
    finds: () => [/60 journals older than an hour are not sealed/],
  },
}

const list = (ids: string[]) => ids.map((id) => `'${id}'`).join(',')

test('what the owner of the tables changes in the past is found and named', async (t) => {
  const { base, place, ids } = await sealedBooks()
  const anchors = await place.all(1)
  const client = await base.owner.pool.connect()
  /** Proves the books as they stand in the open transaction. */
  const inside: Database = { ...base.owner, transaction: (work) => work(transactionOn(client)) }
  const verify = async () => (await verifyLedger(inside, { bookId: 1, anchors })).faults.map((fault) => fault.detail)
  for (const [name, { sql, finds }] of Object.entries(TAMPERING)) {
    await t.test(`found: ${name}`, async () => {
      await client.query('begin')
      assert.deepEqual(await verify(), [])
      await client.query(`alter table journals drop constraint journals_key; ${sql(ids)}`)
      const found = await verify()
      await client.query('rollback')
      for (const expected of finds(ids)) {
        assert.ok(
          found.some((detail) => expected.test(detail)),
          `${expected} in ${found.join('\n')}`,
        )
      }
    })
  }
  client.release()
  await base.drop()
})

test('nothing is sealed on top of a chain that is not the one that was anchored', async () => {
  const { base, place } = await sealedBooks()
  await base.owner.query('', 'delete from seals where no > 4')
  await fund(createPoster(base.db), BOB, 1n)
  const before = await place.all(1)
  await assert.rejects(
    sealBook(base.db, 1, place),
    (error) => error instanceof SealBroken && /seal 6 .* is gone/.test(error.message),
  )
  await base.owner.query('', `update seals set no = 6, hash = sha256('') where no = 4`)
  await assert.rejects(sealBook(base.db, 1, place), /seal 6 .* is another one now/)
  assert.deepEqual(await place.all(1), before)
  await base.drop()
})

test('anchors that were lost are missed', async () => {
  const { base } = await sealedBooks()
  const faults = async () =>
    (await verifyLedger(base.db, { bookId: 1, anchors: [] })).faults.map((fault) => fault.detail)
  assert.deepEqual(await faults(), [], 'for an hour a head may wait')
  await base.owner.query('', `update seals set sealed_at = sealed_at - interval '2 hours'`)
  assert.deepEqual(await faults(), ['6 seals older than an hour are not anchored'])
  await base.drop()
})
