-- Reconciliation: what was compared last on each network, and every break between the books and a chain, for ever.
-- A break is one row while it lasts: found again it keeps its row, gone it is closed, back it is another.

create table reconciliations (
  book_id      integer not null references books,
  network      text not null,
  at           timestamptz not null,
  block        bigint,                     -- the final block that was compared at; null when nothing could be
  outcome      text not null check (outcome in ('agrees', 'breaks', 'waits')),
  note         text not null default '',   -- what it waits for
  milliseconds integer not null,
  primary key (book_id, network)
);

create table breaks (
  book_id   integer not null references books,
  id        uuid not null,
  network   text not null,
  kind      text not null check (kind in ('total', 'address', 'coin', 'unknown_payment', 'order')),
  subject   text not null,                 -- which: an account, an address, a transaction, a check of the books
  asset     text not null,
  expected  numeric(78) not null,          -- chain units that the books explain
  found     numeric(78) not null,          -- chain units on chain
  block     bigint,
  detail    text not null default '',
  opened_at timestamptz not null,
  last_at   timestamptz not null,
  closed_at timestamptz,
  primary key (book_id, id)
);
create unique index breaks_open on breaks (book_id, network, kind, subject) where closed_at is null;
create index breaks_opened on breaks (book_id, opened_at);

grant select, insert, update on reconciliations to unipay_app;
grant select, insert on breaks to unipay_app;
grant update (expected, found, block, detail, last_at, closed_at) on breaks to unipay_app;
