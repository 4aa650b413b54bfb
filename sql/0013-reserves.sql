-- Proof of reserves: snapshots of what the bank owes its customers, each under one root, beside what its addresses hold on
-- chain. A snapshot is written whole or not at all, and never changes; one that is not backed is refused by the table.

-- True when, asset by asset, what is held and what was paid out but not booked yet is at least what is owed.
create function reserves_backed(liabilities bigint[], holdings bigint[], paid bigint[]) returns boolean
language sql immutable parallel safe as $$
  select coalesce(bool_and(h is not null and p is not null and l >= 0 and h >= 0 and p >= 0 and h::numeric + p >= l), false)
  from unnest(liabilities, holdings, paid) u (l, h, p)
$$;

create table reserve_snapshots (
  book_id     integer not null references books,
  id          uuid not null,
  at          timestamptz not null,               -- the instant of the books
  size        integer not null check (size >= 0), -- customers
  assets      text[] not null,                    -- the order of all sums
  root        bytea not null check (length(root) = 32),
  liabilities bigint[] not null,
  holdings    bigint[] not null,                  -- on chain, at the final blocks that `places` names
  paid        bigint[] not null,                  -- left by those blocks, for payments that the books still owe
  places      jsonb not null,                     -- [{"network","asset","block","addresses","units"}]
  payments    jsonb not null,                     -- [{"network","asset","tx_hash","units"}], what `paid` consists of
  primary key (book_id, id),
  constraint reserve_snapshots_backed check (reserves_backed(liabilities, holdings, paid))
);
create index reserve_snapshots_at on reserve_snapshots (book_id, at);

-- Who stands where, and with what. Salts are derived from a key, so they need no place. Kept for some weeks.
create table reserve_leaves (
  book_id     integer not null,
  snapshot_id uuid not null,
  index       integer not null check (index >= 0),
  person_no   bigint not null,
  units       bigint[] not null,
  primary key (book_id, snapshot_id, index),
  constraint reserve_leaves_person unique (book_id, snapshot_id, person_no)
);

-- Nodes from level 8 up; those below are worked out again from the 256 leaves under each.
create table reserve_nodes (
  book_id     integer not null,
  snapshot_id uuid not null,
  level       smallint not null check (level >= 0),
  position    integer not null check (position >= 0),
  hash        bytea not null check (length(hash) = 32),
  units       bigint[] not null,
  primary key (book_id, snapshot_id, level, position)
);

-- What each address held, so that everybody can look it up on chain.
create table reserve_addresses (
  book_id     integer not null,
  snapshot_id uuid not null,
  network     text not null,
  asset       text not null,
  address     text not null,
  purpose     text not null check (purpose in ('deposit', 'hot', 'cold')),
  value       numeric(78) not null check (value >= 0),   -- chain units
  primary key (book_id, snapshot_id, network, asset, address)
);

revoke execute on function reserves_backed from public;
grant execute on function reserves_backed to unipay_app;
grant select, insert on reserve_snapshots, reserve_addresses to unipay_app;
grant select, insert, delete on reserve_leaves, reserve_nodes to unipay_app;
