-- The fiat ramp: partners that move fiat in and out, their keys, the customers whom they speak for, and their orders.
-- book_id comes first in every key. An order moves along the table of states below and brings with each step what must
-- go with it: the hold, the journals, the instants. What a partner says of people lies sealed.

create table ramp_partners (
  book_id          integer not null references books,
  id               uuid not null,
  no               integer not null check (no between 1 and 9000),  -- part of the numbers of its accounts, for ever
  name             text not null check (length(name) between 1 and 80),
  status           text not null default 'active' check (status in ('active', 'disabled')),
  sources          text[] not null check (cardinality(sources) between 1 and 20),
  release          text not null check (release in ('manual', 'automatic')),
  auto_up_to       bigint not null check (auto_up_to >= 0),      -- USDT: up to this no operator reviews an order
  fee_rate         bigint not null check (fee_rate between 0 and 500000),      -- of a million
  channel_fee_rate bigint not null check (channel_fee_rate between 0 and 400000),
  order_min        bigint not null check (order_min > 0),
  order_max        bigint not null check (order_max >= order_min),
  per_day          bigint not null check (per_day >= 0),         -- in each direction
  float_limit      bigint not null check (float_limit >= 0),     -- USDT given for fiat, less USDT taken for fiat
  pay_minutes      integer not null check (pay_minutes between 1 and 10080),
  callback_url     text not null default '',
  receive_account  jsonb not null,                               -- where its customers pay fiat to
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  primary key (book_id, id),
  constraint ramp_partners_no unique (book_id, no)
);
create unique index ramp_partners_name on ramp_partners (book_id, lower(name));

create table ramp_partner_keys (
  book_id       integer not null references books,
  key_id        text not null check (length(key_id) between 16 and 64),
  partner_id    uuid not null,
  secret_sealed bytea not null,
  made_for      uuid,                                            -- the operator who may see the secret, once; null: a shell did
  shown_at      timestamptz,
  created_at    timestamptz not null,
  expires_at    timestamptz,                                     -- set when a newer key takes over
  primary key (book_id, key_id),
  foreign key (book_id, partner_id) references ramp_partners (book_id, id)
);
create index ramp_partner_keys_partner on ramp_partner_keys (book_id, partner_id, created_at);

-- Whom a partner's account names. One account of one source is one customer, for ever.
create table ramp_customers (
  book_id        integer not null references books,
  id             uuid not null,
  partner_id     uuid not null,
  source         text not null,
  account_index  bytea not null check (length(account_index) = 32),  -- blind
  account_sealed bytea not null,
  person_id      uuid not null,
  person_no      bigint not null,
  origin         text not null check (origin in ('made', 'matched')),  -- matched: the customer was here before the partner
  reachable      boolean not null,                               -- the customer can be asked: the account is a contact
  consented_at   timestamptz,                                    -- the customer said that the partner may act for them
  created_at     timestamptz not null,
  primary key (book_id, id),
  constraint ramp_customers_account unique (book_id, partner_id, source, account_index),
  foreign key (book_id, partner_id) references ramp_partners (book_id, id)
);
create index ramp_customers_person on ramp_customers (book_id, person_no);

-- Links to the identity page, each good for one opening, and the visits that they open.
create table ramp_kyc_tokens (
  book_id     integer not null references books,
  token_hash  bytea not null check (length(token_hash) = 32),
  kind        text not null check (kind in ('link', 'visit')),
  customer_id uuid not null,
  created_at  timestamptz not null,
  expires_at  timestamptz not null,
  used_at     timestamptz,
  primary key (book_id, token_hash),
  foreign key (book_id, customer_id) references ramp_customers (book_id, id)
);
create index ramp_kyc_tokens_expiry on ramp_kyc_tokens (book_id, expires_at);

-- ------------------------------------------------------------------------------------------------------------------

create table ramp_transitions (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into ramp_transitions (from_status, to_status) values
  ('review', 'rejected'), ('review', 'awaiting_payment'),
  ('awaiting_payment', 'rejected'), ('awaiting_payment', 'awaiting_release'),
  ('awaiting_release', 'rejected'), ('awaiting_release', 'released');

create table ramp_orders (
  book_id          integer not null references books,
  id               uuid not null,
  partner_id       uuid not null,
  source           text not null,
  order_no         text not null check (length(order_no) between 1 and 40),
  direction        text not null check (direction in ('in', 'out')),
  customer_id      uuid not null,
  person_no        bigint not null,
  fiat             text not null check (fiat ~ '^[A-Z]{3}$'),
  legal            bigint not null check (legal > 0),            -- fiat, in hundredths
  amount           bigint not null check (amount > 0),           -- USDT, fees included
  fee              bigint not null check (fee >= 0),
  channel_fee      bigint not null check (channel_fee >= 0),
  channel_fee_rate bigint not null,
  rate             bigint not null check (rate > 0),             -- fiat for one USDT, in millionths
  rate_at          timestamptz not null,
  release          text not null check (release in ('manual', 'automatic')),
  details_sealed   bytea not null,                               -- names, birthday, bank account, note code
  status           text not null default 'review'
    check (status in ('review', 'rejected', 'awaiting_payment', 'awaiting_release', 'released')),
  reason           text not null default '',
  note             text not null default '',                     -- the operators' own
  hold_id          uuid,
  paid_journal_id  uuid,                                         -- fiat arrived, or left
  journal_id       uuid,                                         -- USDT were released
  approval_id      uuid,                                         -- what operators were asked when it came
  created_at       timestamptz not null,
  updated_at       timestamptz not null,
  audited_at       timestamptz,
  deadline_at      timestamptz,
  paid_at          timestamptz,
  issued_at        timestamptz,
  primary key (book_id, id),
  constraint ramp_orders_no unique (book_id, partner_id, order_no),
  constraint ramp_orders_net check (amount > fee + channel_fee),
  constraint ramp_orders_held check ((direction = 'out') = (hold_id is not null)),
  foreign key (book_id, partner_id) references ramp_partners (book_id, id),
  foreign key (book_id, customer_id) references ramp_customers (book_id, id)
);
create index ramp_orders_status on ramp_orders (book_id, status, id);
create index ramp_orders_partner on ramp_orders (book_id, partner_id, id);
create index ramp_orders_customer on ramp_orders (book_id, customer_id, id);
create index ramp_orders_due on ramp_orders (book_id, deadline_at) where status = 'awaiting_payment' and direction = 'in';

create table ramp_order_events (
  book_id     integer not null,
  order_id    uuid not null,
  no          integer not null,
  from_status text,
  to_status   text not null,
  reason      text not null,
  note        text not null,
  at          timestamptz not null,
  primary key (book_id, order_id, no)
);

create function ramp_order_step() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  paid_kind text := case new.direction when 'in' then 'ramp_paid' else 'ramp_sold' end;
  last_kind text := case new.direction when 'in' then 'ramp_bought' else 'ramp_settled' end;
begin
  if tg_op = 'INSERT' then
    if new.status <> 'review' or new.direction = 'out' and not exists (
        select from holds h where h.book_id = new.book_id and h.id = new.hold_id and h.status = 'open' and h.captured = 0
          and h.amount = new.amount and h.order_kind = 'ramp' and h.order_id = new.id and h.account_id >> 16 = new.person_no) then
      raise exception 'an order begins with a review, and what is sold is held first'
        using errcode = 'check_violation', constraint = 'ramp_orders_hold';
    end if;
    return new;
  end if;
  if (new.book_id, new.id, new.partner_id, new.source, new.order_no, new.direction, new.customer_id, new.person_no, new.fiat,
      new.legal, new.amount, new.fee, new.channel_fee, new.channel_fee_rate, new.rate, new.rate_at, new.release, new.hold_id,
      new.created_at) is distinct from
     (old.book_id, old.id, old.partner_id, old.source, old.order_no, old.direction, old.customer_id, old.person_no, old.fiat,
      old.legal, old.amount, old.fee, old.channel_fee, old.channel_fee_rate, old.rate, old.rate_at, old.release, old.hold_id,
      old.created_at) then
    raise exception 'what was ordered stays as it is' using errcode = 'check_violation', constraint = 'ramp_orders_fixed';
  end if;
  if old.paid_journal_id is not null and new.paid_journal_id is distinct from old.paid_journal_id
      or old.journal_id is not null and new.journal_id is distinct from old.journal_id then
    raise exception 'an order is paid once and released once' using errcode = 'check_violation', constraint = 'ramp_orders_once';
  end if;
  if new.status = old.status then
    return new;
  end if;
  if not exists (select from ramp_transitions t where t.from_status = old.status and t.to_status = new.status) then
    raise exception 'an order of the ramp cannot go from % to %', old.status, new.status
      using errcode = 'check_violation', constraint = 'ramp_transitions';
  end if;
  if new.status = 'awaiting_payment' and (new.audited_at is null or new.deadline_at is null) then
    raise exception 'an order to be paid has its deadline' using errcode = 'check_violation', constraint = 'ramp_orders_deadline';
  end if;
  if new.status in ('awaiting_release', 'released') and (new.paid_at is null or not exists (
      select from journals j where j.book_id = new.book_id and j.id = new.paid_journal_id and j.kind = paid_kind and j.order_id = new.id)) then
    raise exception 'a paid order has its journal' using errcode = 'check_violation', constraint = 'ramp_orders_journal';
  end if;
  if new.status = 'released' and (new.issued_at is null or not exists (
      select from journals j where j.book_id = new.book_id and j.id = new.journal_id and j.kind = last_kind and j.order_id = new.id)) then
    raise exception 'a released order has closed its clearing account' using errcode = 'check_violation', constraint = 'ramp_orders_journal';
  end if;
  if new.status = 'rejected' and (
      exists (select from holds h where h.book_id = new.book_id and h.id = new.hold_id and h.status = 'open')
      or new.paid_journal_id is not null and not exists (
        select from journals j where j.book_id = new.book_id and j.reverses = new.paid_journal_id)) then
    raise exception 'an order that comes to nothing gives its money back' using errcode = 'check_violation', constraint = 'ramp_orders_hold';
  end if;
  return new;
end $$;
create trigger ramp_order_step before insert or update on ramp_orders for each row execute function ramp_order_step();

create function ramp_order_note() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if tg_op = 'UPDATE' and new.status = old.status then
    return null;
  end if;
  insert into ramp_order_events (book_id, order_id, no, from_status, to_status, reason, note, at)
  select new.book_id, new.id, 1 + count(*), case when tg_op = 'UPDATE' then old.status end, new.status, new.reason, new.note, new.updated_at
  from ramp_order_events e where e.book_id = new.book_id and e.order_id = new.id;
  return null;
end $$;
create trigger ramp_order_note after insert or update on ramp_orders for each row execute function ramp_order_note();

-- a customer says by a code that a partner may act for them
alter table codes drop constraint codes_scene_check,
  add constraint codes_scene_check check (scene in ('register', 'login', 'reset', 'change_contact', 'partner'));

grant select on ramp_transitions, ramp_order_events to unipay_app;
grant select, insert on ramp_partners, ramp_partner_keys, ramp_customers, ramp_orders, ramp_kyc_tokens to unipay_app;
grant update (name, status, sources, release, auto_up_to, fee_rate, channel_fee_rate, order_min, order_max, per_day, float_limit,
  pay_minutes, callback_url, receive_account, updated_at) on ramp_partners to unipay_app;
grant update (secret_sealed, shown_at, expires_at) on ramp_partner_keys to unipay_app;
grant update (account_sealed, consented_at) on ramp_customers to unipay_app;
grant update (details_sealed, status, reason, note, paid_journal_id, journal_id, approval_id, updated_at, audited_at,
  deadline_at, paid_at, issued_at) on ramp_orders to unipay_app;
grant update (used_at) on ramp_kyc_tokens to unipay_app;
grant delete on ramp_kyc_tokens to unipay_app;

revoke execute on function ramp_order_step, ramp_order_note from public;
