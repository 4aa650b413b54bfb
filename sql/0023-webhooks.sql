-- What the bank tells programs of others by HTTP, and what these asked of it: endpoints, deliveries with every attempt, and
-- the log of requests to the partner APIs. An event's deliveries are rows of the transaction that it tells of.
-- The ledger depends on none of this.

-- Whose: person:<no>, partner:<id> or merchant:<id>.
create table webhook_endpoints (
  book_id         integer not null references books,
  id              uuid not null,
  owner           text not null check (owner ~ '^(person:[1-9][0-9]*|(partner|merchant):[0-9a-z_-]{20,80})$'),
  url             text not null check (length(url) between 8 and 2048),
  description     text not null default '' check (length(description) <= 200),
  types           text[],                           -- as the owner named them; null: all
  outbox_types    text[],                           -- what of the outbox can become one of them; null: all
  scheme          text not null check (scheme in ('hmac', 'ed25519')),
  secret_sealed   bytea not null,                   -- HMAC key, or the private key's seed
  previous_sealed bytea,                            -- the one before, with which is signed as well until it ends
  previous_until  timestamptz,
  mail_sealed     bytea,                            -- who hears that it was disabled; customers have contacts of their own
  status          text not null default 'active' check (status in ('active', 'disabled', 'removed')),
  disabled_for    text not null default '' check (disabled_for in ('', 'owner', 'failures', 'operator')),
  failing_since   timestamptz,                      -- of the first failure after the last success
  failures        integer not null default 0 check (failures >= 0),
  rest_until      timestamptz,                      -- not asked before: it failed many times in a row
  claimed_by      uuid,                             -- the worker that is delivering to it now
  claimed_until   timestamptz,
  created_at      timestamptz not null,
  primary key (book_id, id),
  check ((previous_sealed is null) = (previous_until is null)),
  check ((status = 'disabled') = (disabled_for <> '') or status = 'removed')
);
create index webhook_endpoints_owner on webhook_endpoints (book_id, owner) where status <> 'removed';
create index webhook_endpoints_active on webhook_endpoints (book_id, owner) where status = 'active';
create index webhook_endpoints_merchants on webhook_endpoints (book_id) where status = 'active' and owner like 'merchant:%';
create index merchant_customers_number on merchant_customers (book_id, person_no);

-- Events of partners; those of customers, and so of merchants, are the outbox's.
create table webhook_events (
  book_id    integer not null references books,
  id         uuid not null,
  owner      text not null check (owner ~ '^(partner|merchant):[0-9a-z_-]{20,80}$'),
  type       text not null check (length(type) between 1 and 60),
  data       jsonb not null,
  created_at timestamptz not null,
  primary key (book_id, owner, id)                  -- in the order it is read
);
create index webhook_events_created on webhook_events using brin (created_at);

-- One event on its way to one endpoint. What is sent is kept with it, so that every attempt sends the same.
create table webhook_deliveries (
  book_id     integer not null,
  endpoint_id uuid not null,
  event_id    uuid not null,
  type        text not null,                        -- as in the outbox
  data        jsonb not null,
  happened_at timestamptz not null,
  status      text not null default 'waiting' check (status in ('waiting', 'delivered', 'failed')),
  tries       integer not null default 0 check (tries >= 0),     -- since it was last asked for
  attempts    integer not null default 0 check (attempts >= 0),  -- in all
  next_at     timestamptz not null,
  settled_at  timestamptz,
  primary key (book_id, endpoint_id, event_id),
  check ((status = 'waiting') = (settled_at is null))
) with (fillfactor = 80);
create index webhook_deliveries_due on webhook_deliveries (book_id, endpoint_id, next_at, event_id) where status = 'waiting';
create index webhook_deliveries_age on webhook_deliveries using brin (happened_at);

create table webhook_attempts (
  book_id     integer not null,
  endpoint_id uuid not null,
  event_id    uuid not null,
  no          integer not null check (no > 0),
  at          timestamptz not null,
  ms          integer not null check (ms >= 0),
  outcome     text not null check (length(outcome) between 1 and 40),  -- ok, status, timeout, address …
  status      integer,                              -- of the answer, when there was one
  snippet     text not null default '' check (length(snippet) <= 500),
  primary key (book_id, endpoint_id, event_id, no)
);
create index webhook_attempts_age on webhook_attempts using brin (at);

-- Deliveries of events, for all rows of a statement at once: a payment costs nothing more while nobody listens.
create function webhook_fan_out() returns trigger language plpgsql as $$
begin
  if not exists (select from webhook_endpoints where status = 'active') then
    return null;
  end if;
  if tg_table_name = 'outbox' then
    insert into webhook_deliveries (book_id, endpoint_id, event_id, type, data, happened_at, next_at)
    select o.book_id, e.id, o.id, o.type, o.data, o.created_at, o.created_at
    from fresh o join webhook_endpoints e on e.book_id = o.book_id and e.owner = 'person:' || o.person_no
    where e.status = 'active' and (e.outbox_types is null or o.type = any (e.outbox_types));
    -- a merchant hears what happens to its own customers, and whose it is
    if exists (select from webhook_endpoints where status = 'active' and owner like 'merchant:%') then
      insert into webhook_deliveries (book_id, endpoint_id, event_id, type, data, happened_at, next_at)
      select o.book_id, e.id, o.id, o.type, o.data || jsonb_build_object('uid', o.person_no, 'open_id', c.open_id),
             o.created_at, o.created_at
      from fresh o
      join merchant_customers c on c.book_id = o.book_id and c.person_no = o.person_no
      join webhook_endpoints e on e.book_id = o.book_id and e.owner = 'merchant:' || c.merchant_id
      where e.status = 'active' and (e.outbox_types is null or o.type = any (e.outbox_types));
    end if;
  else
    insert into webhook_deliveries (book_id, endpoint_id, event_id, type, data, happened_at, next_at)
    select o.book_id, e.id, o.id, o.type, o.data, o.created_at, o.created_at
    from fresh o join webhook_endpoints e on e.book_id = o.book_id and e.owner = o.owner
    where e.status = 'active' and (e.outbox_types is null or o.type = any (e.outbox_types));
  end if;
  return null;
end $$;
create trigger outbox_fan_out after insert on outbox
  referencing new table as fresh for each statement execute function webhook_fan_out();
create trigger webhook_events_fan_out after insert on webhook_events
  referencing new table as fresh for each statement execute function webhook_fan_out();
revoke execute on function webhook_fan_out from public;

-- Who asked what of the partner APIs, and what came of it. No bodies, no queries, no signatures.
create table request_log (
  book_id    integer not null,
  id         uuid not null,
  api        text not null check (api in ('spot', 'ramp', 'platform')),
  key_id     text not null check (length(key_id) <= 128),       -- as the caller named it
  proved     boolean not null,                                  -- whether it was really the key's holder
  method     text not null check (length(method) <= 10),
  path       text not null check (length(path) <= 200),
  status     smallint not null,
  code       text not null check (length(code) <= 20),          -- of the envelope
  request_id text not null check (length(request_id) <= 64),
  ms         integer not null check (ms >= 0),
  ip         text not null check (length(ip) <= 60),
  at         timestamptz not null,
  primary key (book_id, id)
);
create index request_log_key on request_log (book_id, api, key_id, id);
create index request_log_age on request_log using brin (at);

grant select, insert, update on webhook_endpoints to unipay_app;
grant select, insert, delete on webhook_events, webhook_attempts, request_log to unipay_app;
grant select, insert, delete, update (status, tries, attempts, next_at, settled_at) on webhook_deliveries to unipay_app;
