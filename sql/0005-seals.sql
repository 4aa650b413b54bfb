-- Seals: what makes a change to the past visible. Journals are hashed in the order in which they were recorded, a few
-- hundred to a seal, each seal on top of the one before; the head is then written down outside the database
-- (src/ledger/seal.ts) and proven by src/ledger/audit-seals.ts, which works the hashes out with code of its own.
--
-- Nothing may be skipped and nothing sealed twice, though transactions commit later than they record. So a period is
-- closed first (books.closed_to, committed: whoever writes from now on records later than that, see ledger_write), then
-- every transaction that was under way is waited for, then all of the period is there and stays as it is. Clocks that
-- jump do no harm, and a slow transaction delays sealing instead of being missed by it.

do $$ begin
  if current_setting('server_encoding') <> 'UTF8' then
    raise exception 'UniPay needs a database in UTF8, this one is in %', current_setting('server_encoding');
  end if;
end $$;

-- hash: sha256(hash of the seal before || digests); the first follows sha256('unipay book <book_id>').
-- A row for a thousand journals instead of one each: sealing costs a tenth of what the payment did, not half of it.
create table seals (
  book_id     integer not null,
  no          bigint not null check (no > 0),
  journal_ids uuid[] not null,             -- in order of (recorded_at, id)
  digests     bytea not null,              -- of their texts, 32 bytes each
  last_at     timestamptz not null,        -- recorded_at of the last; the next seal begins after it
  hash        bytea not null check (length(hash) = 32),
  sealed_at   timestamptz not null default now(),
  primary key (book_id, no),
  constraint seals_digests check (cardinality(journal_ids) > 0 and length(digests) = 32 * cardinality(journal_ids))
);
alter table seals alter journal_ids set storage external, alter digests set storage external;  -- nothing in them compresses

-- The text of a journal that is hashed: free text stands behind its length in bytes, nothing else can hold a separator,
-- so no two different journals have one text. Legs carry the account's sequence number and the balance after.
create function micros(instant timestamptz) returns bigint language sql stable parallel safe as $$
  select (extract(epoch from instant) * 1000000)::bigint
$$;
create function leg_text(e entries) returns text language sql stable parallel safe as $$
  select concat_ws(',', e.account_id, e.seq, e.amount, e.balance_after)
$$;
create function journal_text(j journals, legs text) returns text language sql stable parallel safe as $$
  select concat_ws('|', j.book_id, j.id, j.order_id, coalesce(j.hold_id::text, ''), coalesce(j.reverses::text, ''),
    micros(j.recorded_at), coalesce(micros(j.value_at)::text, ''),
    octet_length(j.kind), j.kind, octet_length(j.key), j.key, octet_length(j.order_kind), j.order_kind,
    octet_length(j.memo), j.memo, coalesce(legs, ''))
$$;
-- Closes the period up to now and says where it ends.
create function ledger_close(p_book integer) returns timestamptz
language sql security definer set search_path = public, pg_temp as $$
  update books set closed_to = greatest(closed_to, clock_timestamp()) where book_id = p_book returning closed_to
$$;

-- Seals up to p_limit journals of a closed period whose transactions have all ended, and returns the head. One caller at
-- a time (the lock waits), each goes on where the last one stopped.
create function ledger_seal(p_book integer, p_to timestamptz, p_limit integer)
returns table (no bigint, hash bytea, sealed bigint)
language plpgsql security definer set search_path = public, pg_temp
  set enable_hashjoin = off set enable_mergejoin = off set enable_material = off as $$
#variable_conflict use_column
declare
  head seals; part record; after_at timestamptz := '-infinity'; after_id uuid := '00000000-0000-0000-0000-000000000000';
  done bigint := 0;
begin
  perform from books where book_id = p_book and closed_to >= p_to for no key update;
  if not found then
    raise exception 'book % is not closed to %', p_book, p_to using errcode = 'check_violation';
  end if;
  select * into head from seals s where s.book_id = p_book order by s.no desc limit 1;
  if found then
    after_at := head.last_at; after_id := head.journal_ids[cardinality(head.journal_ids)];
  else
    head.no := 0; head.hash := sha256(convert_to('unipay book ' || p_book, 'UTF8'));
  end if;
  for part in
    select array_agg(d.id order by d.n) as ids, string_agg(d.digest, '' order by d.n) as digests, max(d.recorded_at) as last_at
    from (
      select t.n, (t.j).id, (t.j).recorded_at, sha256(convert_to(journal_text(t.j, l.legs), 'UTF8')) as digest
      from (
        select j, row_number() over (order by j.recorded_at, j.id) as n from journals j
        where j.book_id = p_book and j.recorded_at between after_at and p_to and (j.recorded_at, j.id) > (after_at, after_id)
        order by j.recorded_at, j.id limit p_limit
      ) t
      cross join lateral (
        select string_agg(leg_text(e), ';' order by e.account_id, e.seq) as legs from entries e
        where e.book_id = p_book and e.journal_id = (t.j).id offset 0
      ) l
    ) d
    group by (d.n - 1) / 1000 order by (d.n - 1) / 1000
  loop
    head.no := head.no + 1; done := done + cardinality(part.ids);
    head.hash := sha256(head.hash || part.digests);
    insert into seals (book_id, no, journal_ids, digests, last_at, hash)
    values (p_book, head.no, part.ids, part.digests, part.last_at, head.hash);
  end loop;
  return query select head.no, head.hash, done;
end $$;

revoke all on seals from public, unipay_app;
revoke execute on function micros, journal_text, leg_text, ledger_close, ledger_seal from public;
grant select on seals to unipay_app;
grant execute on function micros, journal_text, leg_text, ledger_close, ledger_seal to unipay_app;
