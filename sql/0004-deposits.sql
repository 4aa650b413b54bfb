-- Deposits: whose an address is, how far each network has been read, and what arrived.
-- A deposit's row is written and moved by the functions below alone, so no one can skip a state, also not from psql.
-- Everything is per book: each book reads the chains for itself, and a block, its deposits and the place reached commit
-- together in one book.

-- Which extended key addresses are derived from, and the next free number. A different key is refused, not mixed in.
create table deposit_keys (
  book_id    integer not null references books,
  family     text not null check (family in ('evm', 'tron')),
  key_print  bytea not null check (length(key_print) = 32), -- SHA-256 of the extended public key
  next_index integer not null default 0 check (next_index >= 0),
  primary key (book_id, family)
);

create table deposit_addresses (
  book_id    integer not null,
  family     text not null,
  address    text not null,             -- canonical: EVM in lower case
  person_no  bigint not null,
  key_index  integer not null,
  created_at timestamptz not null default now(),
  primary key (book_id, family, address),
  foreign key (book_id, family) references deposit_keys,
  constraint deposit_addresses_person unique (book_id, family, person_no),
  constraint deposit_addresses_index unique (book_id, family, key_index)
);

-- The house's own: what they send to a customer's address is no deposit.
create table house_addresses (
  book_id integer not null references books,
  family  text not null check (family in ('evm', 'tron')),
  address text not null,
  purpose text not null check (purpose in ('hot', 'cold', 'gas')),
  primary key (book_id, family, address)
);

-- How far a network has been read. This row is the lock under which the network's deposits change.
create table chain_states (
  book_id              integer not null references books,
  network              text not null,
  phase                text not null default 'following' check (phase in ('following', 'off', 'halted')),
  note                 text not null default '',     -- why it is off or halted, for people
  number               bigint,                       -- the newest block that has been read; null before the first
  hash                 text,
  start_number         bigint,                       -- the block after which reading began
  head                 bigint not null default 0,    -- the newest that the node has told of
  final                bigint not null default 0,    -- the newest that the chain calls final
  answered_at          timestamptz not null default now(),
  watcher              text,
  watched_until        timestamptz,
  money_out_paused_at  timestamptz,
  money_out_paused_for text,
  dust                 numeric(78) not null default 0 check (dust >= 0), -- chain units too fine for the ledger
  primary key (book_id, network)
);

create table chain_blocks (
  book_id     integer not null,
  network     text not null,
  number      bigint not null,
  hash        text not null,
  parent_hash text not null,
  primary key (book_id, network, number)
);

-- The states of a deposit. `class` says what it is from the start; the state, how far it has come.
create table deposit_transitions (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into deposit_transitions (from_status, to_status) values
  ('pending', 'credited'), ('pending', 'review'), ('pending', 'below_minimum'), ('pending', 'unsupported'),
  ('pending', 'internal'), ('pending', 'orphaned'),
  ('review', 'credited'), ('review', 'rejected'), ('review', 'orphaned'),
  ('unsupported', 'orphaned'), ('internal', 'orphaned'), ('orphaned', 'pending'),
  ('credited', 'reversed'), ('below_minimum', 'reversed'), ('rejected', 'reversed'), ('reversed', 'pending');

create table deposits (
  book_id         integer not null references books,
  id              uuid not null,
  network         text not null,
  tx_hash         text not null,
  ordinal         integer not null check (ordinal >= 0), -- place among the logs of the transaction
  class           text not null check (class in ('customer', 'below_minimum', 'unsupported', 'internal')),
  status          text not null default 'pending'
    check (status in ('pending', 'review', 'credited', 'orphaned', 'reversed', 'rejected', 'below_minimum', 'unsupported', 'internal')),
  reason          text not null default '',
  person_no       bigint not null,
  address         text not null,
  from_address    text not null,
  contract        text not null,
  value           numeric(78) not null check (value > 0),      -- chain units, as logged
  received        numeric(78) not null check (received >= 0),  -- chain units by which the balance grew
  amount_received bigint not null check (amount_received >= 0),
  amount_credited bigint not null default 0,
  owed            bigint not null default 0 check (owed >= 0), -- of what was credited and then lost: not yet paid back
  confirmations   integer not null check (confirmations > 0),  -- that it needs
  block_number    bigint not null,
  block_hash      text not null,
  mined_at        timestamptz not null,
  round           integer not null default 1,                  -- grows when it comes back after a reversal
  journal_id      uuid,
  created_at      timestamptz not null,
  settled_at      timestamptz,
  primary key (book_id, id),
  constraint deposits_once unique (book_id, network, tx_hash, ordinal),
  constraint deposits_class check (
    case status when 'credited' then class = 'customer' when 'review' then class = 'customer' when 'rejected' then class = 'customer'
      when 'below_minimum' then class = 'below_minimum' when 'unsupported' then class = 'unsupported'
      when 'internal' then class = 'internal' else true end),
  constraint deposits_credited check (
    case when status = 'credited' then amount_credited = amount_received and journal_id is not null else amount_credited = 0 end)
);
create index deposits_person on deposits (book_id, person_no, id) where class = 'customer';
create index deposits_open on deposits (book_id, network, block_number) where status = 'pending';
create index deposits_block on deposits (book_id, network, block_number);
create index deposits_unsupported on deposits (book_id, network, contract, address) where class = 'unsupported';

-- Each step of each deposit, for its timeline.
create table deposit_events (
  book_id     integer not null,
  deposit_id  uuid not null,
  no          integer not null,
  from_status text,
  to_status   text not null,
  block_hash  text not null,
  reason      text not null default '',
  at          timestamptz not null,
  primary key (book_id, deposit_id, no)
);

-- What an operator has to look at. One open row per key, however often it happens.
create table alerts (
  book_id   integer not null references books,
  id        uuid not null,
  key       text not null,
  kind      text not null,
  severity  text not null check (severity in ('warning', 'critical')),
  data      jsonb not null,
  times     integer not null default 1,
  raised_at timestamptz not null default now(),
  last_at   timestamptz not null default now(),
  closed_at timestamptz,
  primary key (book_id, id)
);
create unique index alerts_open on alerts (book_id, key) where closed_at is null;

-- Job workers that live; what a dead one had locked is let go.
create table worker_heartbeats (
  worker_id text primary key,
  seen_at   timestamptz not null default now()
);

-- ------------------------------------------------------------------------------------------------------------------

-- Records what a block holds for us. The caller holds the network's chain_states row. A deposit that is known and stands
-- is left as it is, so a block may be read again any number of times; one that had left the chain starts again here.
create function deposits_sight(
  p_book integer, p_network text, p_id uuid[], p_tx text[], p_ordinal integer[], p_class text[], p_reason text[],
  p_person bigint[], p_address text[], p_from text[], p_contract text[], p_value numeric[], p_received numeric[],
  p_amount bigint[], p_block_number bigint[], p_block_hash text[], p_mined_at timestamptz[], p_confirmations integer, p_at timestamptz
) returns table (id uuid, class text, person_no bigint, amount bigint, tx_hash text, again boolean)
language sql security definer set search_path = public, pg_temp as $$
  with seen as (
    select * from unnest(p_id, p_tx, p_ordinal, p_class, p_reason, p_person, p_address, p_from, p_contract, p_value, p_received,
                         p_amount, p_block_number, p_block_hash, p_mined_at)
      u (id, tx_hash, ordinal, class, reason, person_no, address, from_address, contract, value, received,
         amount, block_number, block_hash, mined_at)
  ), known as (
    select distinct on (s.id) s.*, d.id as old_id, d.status as old_status
    from seen s left join deposits d on d.book_id = p_book and d.network = p_network and d.tx_hash = s.tx_hash and d.ordinal = s.ordinal
  ), back as (
    update deposits d
    set status = 'pending', class = k.class, reason = k.reason, person_no = k.person_no, address = k.address,
        from_address = k.from_address, contract = k.contract, value = k.value, received = k.received, amount_received = k.amount,
        confirmations = p_confirmations, block_number = k.block_number, block_hash = k.block_hash, mined_at = k.mined_at,
        round = d.round + (d.status = 'reversed')::integer, journal_id = null, settled_at = null
    from known k
    where d.book_id = p_book and d.id = k.old_id and d.status in ('orphaned', 'reversed')
    returning d.id, d.class, d.person_no, d.amount_received, d.tx_hash, k.old_status, d.block_hash
  ), fresh as (
    insert into deposits as d (book_id, id, network, tx_hash, ordinal, class, reason, person_no, address, from_address, contract, value,
                          received, amount_received, confirmations, block_number, block_hash, mined_at, created_at)
    select p_book, k.id, p_network, k.tx_hash, k.ordinal, k.class, k.reason, k.person_no, k.address, k.from_address, k.contract,
           k.value, k.received, k.amount, p_confirmations, k.block_number, k.block_hash, k.mined_at, p_at
    from known k where k.old_id is null
    on conflict do nothing
    returning d.id, d.class, d.person_no, d.amount_received, d.tx_hash, d.block_hash
  ), moved as (
    select b.id, b.class, b.person_no, b.amount_received, b.tx_hash, true as again, b.old_status, b.block_hash from back b
    union all
    select f.id, f.class, f.person_no, f.amount_received, f.tx_hash, false, null, f.block_hash from fresh f
  ), noted as (
    insert into deposit_events (book_id, deposit_id, no, from_status, to_status, block_hash, at)
    select p_book, m.id, 1 + (select count(*) from deposit_events e where e.book_id = p_book and e.deposit_id = m.id)::integer,
           m.old_status, 'pending', m.block_hash, p_at
    from moved m
  )
  select m.id, m.class, m.person_no, m.amount_received, m.tx_hash, m.again from moved m
$$;

-- Moves deposits from one state to the next, those that still are in the first; answers which ones moved.
create function deposits_move(
  p_book integer, p_ids uuid[], p_from text, p_to text, p_reason text, p_journals uuid[], p_owed bigint[], p_at timestamptz
) returns setof uuid
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not exists (select from deposit_transitions t where t.from_status = p_from and t.to_status = p_to) or p_to = 'pending' then
    raise exception 'a deposit cannot go from % to %', p_from, p_to using errcode = 'check_violation', constraint = 'deposit_transitions';
  end if;
  return query
    with moved as (
      update deposits d
      set status = p_to, reason = p_reason, settled_at = p_at,
          journal_id = coalesce(u.journal, d.journal_id), owed = coalesce(u.owed, d.owed),
          amount_credited = case when p_to = 'credited' then d.amount_received else 0 end
      from unnest(p_ids, p_journals, p_owed) u (id, journal, owed)
      where d.book_id = p_book and d.id = u.id and d.status = p_from
      returning d.id, d.block_hash
    ), noted as (
      insert into deposit_events (book_id, deposit_id, no, from_status, to_status, block_hash, reason, at)
      select p_book, m.id, 1 + (select count(*) from deposit_events e where e.book_id = p_book and e.deposit_id = m.id)::integer,
             p_from, p_to, m.block_hash, p_reason, p_at
      from moved m
    )
    select m.id from moved m;
end $$;

revoke execute on function deposits_sight, deposits_move from public;
grant execute on function deposits_sight, deposits_move to unipay_app;
grant select on deposit_transitions, deposits, deposit_events to unipay_app;
grant select, insert on deposit_addresses, house_addresses to unipay_app;
grant select, insert, update (next_index) on deposit_keys to unipay_app;
grant select, insert, update on chain_states, alerts to unipay_app;
grant select, insert, delete on chain_blocks to unipay_app;
grant select, insert, update, delete on worker_heartbeats to unipay_app;
