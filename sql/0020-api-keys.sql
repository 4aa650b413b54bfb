-- What programs prove themselves with, and what of it was used up.
-- book_id comes first in every key.

-- A nonce or signature that counts once: seen again, by whatever process and after whatever restart, it is refused.
create table used_requests (
  book_id    integer not null references books,
  scheme     text not null check (scheme in ('spot', 'ramp', 'platform')),
  key_id     text not null check (length(key_id) between 1 and 128),
  value_hash bytea not null check (length(value_hash) = 32),
  expires_at timestamptz not null,     -- 'infinity' where nothing else ends a signature's life
  primary key (book_id, scheme, key_id, value_hash)
);
create index used_requests_expiry on used_requests (book_id, expires_at);

grant select, insert, delete on used_requests to unipay_app;

-- Keys that customers make for their programs. The id is what a program names itself by; the secret stands sealed and was
-- shown once. A rotated key has two secrets until previous_until.
create table api_keys (
  book_id         integer not null references books,
  id              text not null check (id ~ '^pk_[a-z]+_[0-9a-z]{20,60}$'),
  person_no       bigint not null,
  person_id       uuid not null,
  name            text not null check (length(name) between 1 and 40),
  scopes          text[] not null check (cardinality(scopes) > 0 and scopes <@ '{read,transfer,withdraw}'),
  ips             text[] not null default '{}' check (cardinality(ips) <= 20),  -- empty: from anywhere
  secret_sealed   bytea not null,
  previous_sealed bytea,
  previous_until  timestamptz,
  created_at      timestamptz not null,
  rotated_at      timestamptz,
  expires_at      timestamptz,                     -- null: only with a list of addresses
  revoked_at      timestamptz,
  revoke_reason   text,
  last_used_at    timestamptz,
  last_used_ip    text,
  primary key (book_id, id),
  constraint api_keys_previous check ((previous_sealed is null) = (previous_until is null)),
  constraint api_keys_revoked check ((revoked_at is null) = (revoke_reason is null)),
  constraint api_keys_expiry check (expires_at is not null or cardinality(ips) > 0)
);
create index api_keys_person on api_keys (book_id, person_no, created_at);

-- What a program asked for, beside the order that came of it: its own id for it, and whom it named by what.
create table program_orders (
  book_id    integer not null references books,
  order_id   uuid not null,
  order_kind text not null check (order_kind in ('withdrawal', 'transfer', 'transfer_internal')),
  person_no  bigint not null,
  key_id     text not null,
  out_biz_id text check (length(out_biz_id) between 1 and 32),
  to_type    text check (to_type in ('uid', 'phone', 'email')),
  to_sealed  bytea,                                -- the phone number or e-mail address, as it was typed
  created_at timestamptz not null,
  primary key (book_id, order_id)
);
create unique index program_orders_out_biz on program_orders (book_id, person_no, order_kind, out_biz_id) where out_biz_id is not null;

-- Orders by number, for programs that know numbers only: 19 digits, in the order of their time, given at first sight and
-- kept for ever.
create sequence order_number;
create table order_numbers (
  book_id    integer not null references books,
  no         bigint not null check (no > 0),
  order_kind text not null check (order_kind in ('withdrawal', 'transfer', 'transfer_internal', 'deposit')),
  order_id   uuid not null,
  primary key (book_id, no),
  constraint order_numbers_order unique (book_id, order_kind, order_id)
);

grant select, insert on api_keys, program_orders, order_numbers to unipay_app;
grant update (name, scopes, ips, secret_sealed, previous_sealed, previous_until, rotated_at, expires_at, revoked_at, revoke_reason,
  last_used_at, last_used_ip) on api_keys to unipay_app;
grant update (to_sealed) on program_orders to unipay_app;
grant usage on sequence order_number to unipay_app;

-- ------------------------------------------------------------------------------------------------------------------
-- What programs can ask for beyond the app.

-- a remark may be longer than a memo was
alter table transfers drop constraint transfers_memo_check;
alter table transfers add constraint transfers_memo_check check (length(memo) <= 256);

-- the account for futures is the customer's own as well
alter table internal_transfers drop constraint internal_transfers_from_account_check;
alter table internal_transfers drop constraint internal_transfers_to_account_check;
alter table internal_transfers add constraint internal_transfers_from_account_check check (from_account in ('main', 'node', 'futures'));
alter table internal_transfers add constraint internal_transfers_to_account_check check (to_account in ('main', 'node', 'futures'));

-- a program's withdrawal above a limit waits until its owner confirms it
alter table withdrawals drop constraint withdrawals_status_check;
alter table withdrawals add constraint withdrawals_status_check check (status in ('submitted', 'verification', 'review', 'approved',
  'processing', 'confirming', 'confirmed', 'failed', 'rejected', 'cancelled'));
insert into withdrawal_transitions (from_status, to_status) values
  ('submitted', 'verification'), ('verification', 'review'), ('verification', 'approved'), ('verification', 'cancelled');
