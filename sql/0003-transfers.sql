-- Orders of payments between customers and between a customer's own accounts, and the outbox of events.
-- Rows are written in the transaction of their journal and never change.

create table transfers (
  book_id    integer not null references books,
  id         uuid not null,
  from_no    bigint not null,
  to_no      bigint not null,
  to_person  uuid not null,
  amount     bigint not null check (amount > 0),
  fee        bigint not null check (fee >= 0),
  memo       text not null default '' check (length(memo) <= 200),
  status     text not null default 'success' check (status in ('success')),
  created_at timestamptz not null,
  primary key (book_id, id),
  constraint transfers_not_to_self check (from_no <> to_no)
);
create index transfers_from on transfers (book_id, from_no, id);
create index transfers_to on transfers (book_id, to_no, id);

create table internal_transfers (
  book_id      integer not null references books,
  id           uuid not null,
  person_no    bigint not null,
  from_account text not null check (from_account in ('main', 'node')),
  to_account   text not null check (to_account in ('main', 'node')),
  amount       bigint not null check (amount > 0),
  created_at   timestamptz not null,
  primary key (book_id, id),
  constraint internal_transfers_two_accounts check (from_account <> to_account)
);
create index internal_transfers_person on internal_transfers (book_id, person_no, id);

-- Events for streams and webhooks, written with what they tell of. Readers keep their own place.
create table outbox (
  book_id    integer not null references books,
  id         uuid not null,
  person_no  bigint not null,
  type       text not null,
  data       jsonb not null,
  created_at timestamptz not null default now(),
  primary key (book_id, person_no, id)    -- in the order it is read
);
create index outbox_created on outbox using brin (created_at);

grant select, insert on transfers, internal_transfers, outbox to unipay_app;
grant delete on outbox to unipay_app;  -- events are kept for a month
