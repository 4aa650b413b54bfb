-- Reconciliation: what the chains did to our addresses, as the watcher saw it, independent of what the bank made of it; the
-- breaks between the two sides; and when each network was last compared. See docs/reconciliation.md.

-- Every transfer of a network's token from or to an address of ours. Written with the block it stands in and gone with it.
create table chain_movements (
  book_id      integer not null references books,
  network      text not null,
  tx_hash      text not null,
  ordinal      integer not null,
  from_address text not null,
  to_address   text not null,
  from_owner   text not null default '',   -- 'deposit', 'hot', 'cold', 'gas', or empty: nobody of ours
  to_owner     text not null default '',
  value        numeric(78) not null check (value > 0),
  block_number bigint not null,
  block_hash   text not null,
  seen_at      timestamptz not null,
  settled      boolean not null default false,   -- matched with its row and booked; looked at for a day more
  primary key (book_id, network, tx_hash, ordinal),
  constraint chain_movements_ours check (from_owner <> '' or to_owner <> '')
);
create index chain_movements_block on chain_movements (book_id, network, block_number);
create index chain_movements_seen on chain_movements (book_id, network, seen_at);
create index chain_movements_unsettled on chain_movements (book_id, network) where not settled;

-- What the movements of an address sum to. With what it held before the first of them (`opening`), that is what it holds on
-- chain after the newest block that was read. The opening is found when an address of the house is first looked at.
create table chain_balances (
  book_id       integer not null references books,
  network       text not null,
  address       text not null,
  owner         text not null check (owner in ('deposit', 'hot', 'cold', 'gas')),
  value         numeric(78) not null default 0,
  opening       numeric(78),                    -- null: not looked at yet
  opening_id    uuid,                           -- the order under which it was booked as paid in by the owners
  opening_units bigint not null default 0,
  accepted      numeric(78) not null default 0, -- what it holds more or less, and an operator has said is so
  coin_accepted numeric(78) not null default 0, -- the same of its coin
  primary key (book_id, network, address)
);

create index deposits_house on deposits (book_id, network) where class = 'house';
create index deposits_address on deposits (book_id, network, address);
create index deposits_created on deposits (book_id, network, created_at);
create index deposits_settled on deposits (book_id, network, settled_at) where settled_at is not null;
create index chain_payments_settled on chain_payments (book_id, network, settled_at) where settled_at is not null;
create index remittances_updated on remittances (book_id, updated_at);
create index card_transactions_seen on card_transactions (book_id, first_seen_at);
create index card_transactions_unconfirmed on card_transactions (book_id, first_seen_at) where statement_at is null;
create index card_topups_changed on card_topups (book_id, changed_at);

-- From this block on every movement is in the table. Networks that were read before have none of earlier blocks.
alter table chain_states add column moved_since bigint;
update chain_states set moved_since = number + 1 where number is not null;

create table reconciliation_breaks (
  book_id   integer not null references books,
  id        uuid not null,
  network   text not null,                     -- empty: of the whole book
  kind      text not null,
  subject   text not null,                     -- id of the row, hash of the transaction, address, or account
  asset     text not null,
  expected  text not null,                     -- decimal, in whole coins; or what else was expected
  found     text not null,
  detail    text not null default '',
  off       numeric(78),                       -- of balances: what is found less what is expected, in chain units
  severity  text not null check (severity in ('warning', 'critical')),
  opened_at timestamptz not null,
  seen_at   timestamptz not null,
  closed_at timestamptz,
  accepted  text,                              -- who said that it is so, and why
  primary key (book_id, id)
);
create unique index reconciliation_breaks_open on reconciliation_breaks (book_id, network, kind, subject) where closed_at is null;
create index reconciliation_breaks_network on reconciliation_breaks (book_id, network, id);

-- The last comparison of each network, who makes the next, and since when an operator wants one at once.
create table reconciliations (
  book_id      integer not null references books,
  network      text not null,
  runner       text,
  run_until    timestamptz,
  asked_at     timestamptz,
  at           timestamptz,                    -- when the last one ended
  block        bigint,                         -- the final block that it compared at
  addresses    integer,
  milliseconds integer,
  breaks       integer,
  note         text not null default '',       -- why it could not compare; for people
  primary key (book_id, network)
);

-- ------------------------------------------------------------------------------------------------------------------

-- Notes movements that are new, and adds them to their addresses' sums. The caller holds the network's lock.
create function movements_add(
  p_book integer, p_network text, p_tx text[], p_ordinal integer[], p_from text[], p_to text[], p_from_owner text[], p_to_owner text[],
  p_value numeric[], p_block bigint[], p_hash text[], p_at timestamptz
) returns table (tx_hash text, ordinal integer)
language sql security definer set search_path = public, pg_temp as $$
  with added as (
    insert into chain_movements as m (book_id, network, tx_hash, ordinal, from_address, to_address, from_owner, to_owner, value,
                                      block_number, block_hash, seen_at)
    select p_book, p_network, u.tx_hash, u.ordinal, u.f, u.t, u.fo, u.t_o, u.value, u.block, u.hash, p_at
    from unnest(p_tx, p_ordinal, p_from, p_to, p_from_owner, p_to_owner, p_value, p_block, p_hash)
      u (tx_hash, ordinal, f, t, fo, t_o, value, block, hash)
    on conflict do nothing
    returning m.tx_hash, m.ordinal, m.from_address, m.to_address, m.from_owner, m.to_owner, m.value
  ), summed as (
    insert into chain_balances as b (book_id, network, address, owner, value)
    select p_book, p_network, x.address, min(x.owner), sum(x.value) from (
      select a.from_address as address, a.from_owner as owner, -a.value as value from added a where a.from_owner <> ''
      union all
      select a.to_address, a.to_owner, a.value from added a where a.to_owner <> '') x
    group by x.address order by x.address
    on conflict (book_id, network, address) do update set value = b.value + excluded.value
  )
  select a.tx_hash, a.ordinal from added a
$$;

-- Takes back what stood in blocks above this one.
create function movements_undo(p_book integer, p_network text, p_above bigint) returns void
language sql security definer set search_path = public, pg_temp as $$
  with gone as (
    delete from chain_movements m where m.book_id = p_book and m.network = p_network and m.block_number > p_above
    returning m.from_address, m.to_address, m.from_owner, m.to_owner, m.value
  )
  update chain_balances b set value = b.value + y.value
  from (
    select x.address, sum(x.value) as value from (
      select g.from_address as address, g.value from gone g where g.from_owner <> ''
      union all
      select g.to_address, -g.value from gone g where g.to_owner <> '') x group by x.address) y
  where b.book_id = p_book and b.network = p_network and b.address = y.address
$$;

-- Notes that movements were matched and booked.
create function movements_settle(p_book integer, p_network text, p_tx text[], p_ordinal integer[]) returns void
language sql security definer set search_path = public, pg_temp as $$
  update chain_movements m set settled = true
  from unnest(p_tx, p_ordinal) u (tx_hash, ordinal)
  where m.book_id = p_book and m.network = p_network and m.tx_hash = u.tx_hash and m.ordinal = u.ordinal and not m.settled
$$;

revoke execute on function movements_add, movements_undo, movements_settle from public;
grant execute on function movements_add, movements_undo, movements_settle to unipay_app;
grant select on chain_movements to unipay_app;
grant select, insert on chain_balances to unipay_app;
grant update (opening, opening_id, opening_units, accepted, coin_accepted) on chain_balances to unipay_app;
grant select, insert, update on reconciliation_breaks, reconciliations to unipay_app;
