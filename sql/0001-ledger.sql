-- The ledger: accounts, journals, entries, holds, velocity, idempotency. One writer, ledger_write(). Seals: 0005.
-- The application's role reads these tables and calls the functions below; it cannot insert, update or delete a row.
-- book_id comes first in every key: a book lives whole on one node (see docs/scale.md).
--
-- An account's id says what it is: owner number << 16 | kind << 8 | asset. Owners below 10000 are the house; only
-- their accounts may go below zero, because custody is what customers' balances stand against.

do $$ begin
  if not exists (select from pg_roles where rolname = 'unipay_app') then
    create role unipay_app nologin;
  end if;
exception when duplicate_object or unique_violation then null;  -- another database of this server made it just now
end $$;
do $$ begin
  -- since PostgreSQL 16 who makes a role is a member of it, but may take it on only when it is granted as well
  if not (select rolsuper from pg_roles where rolname = current_user) then
    execute format('grant unipay_app to %I', current_user);
  end if;
exception when insufficient_privilege then null;  -- somebody else made the role, and grants it
end $$;

create table books (
  book_id    integer primary key check (book_id > 0),
  name       text not null,
  closed_to  timestamptz not null default '-infinity',  -- what is recorded from now on is later than this (see seals)
  created_at timestamptz not null default now()
);
insert into books (book_id, name) values (1, 'main');

create table assets (
  asset smallint primary key check (asset between 1 and 255),
  code  text not null unique,
  scale smallint not null check (scale between 0 and 18)
);
insert into assets (asset, code, scale) values (1, 'USDT', 6), (2, 'UPT', 6), (3, 'TRX', 6);

create table accounts (
  book_id    integer not null references books,
  id         bigint not null check (id > 0),
  balance    bigint not null default 0,
  held       bigint not null default 0 check (held >= 0),
  seq        bigint not null default 0,            -- number of the account's last entry; gapless
  status     text not null default 'open' check (status in ('open', 'frozen', 'closed')),
  touched_at timestamptz not null default '-infinity', -- never goes back, so entries are in order of time as well
  opened_at  timestamptz not null default now(),
  primary key (book_id, id),
  constraint accounts_available check (id >> 16 < 10000 or (balance >= held and balance >= 0))
) with (fillfactor = 50);

-- True when the legs sum to zero for each asset, are at least two, and none is zero.
create function legs_balanced(account_ids bigint[], amounts bigint[]) returns boolean
language sql immutable parallel safe as $$
  select cardinality(account_ids) = cardinality(amounts)
     and cardinality(amounts) >= 2
     and not exists (
       select from unnest(account_ids, amounts) leg (account_id, amount)
       group by account_id & 255 having sum(amount) <> 0 or bool_or(coalesce(amount, 0) = 0))
$$;

create table journals (
  book_id     integer not null,           -- no foreign key here: a check a row costs more than the insert, and accounts have it
  id          uuid not null,
  kind        text not null,
  key         text not null,              -- what makes this movement of its order happen once, for ever
  order_kind  text not null,              -- the business row that this movement belongs to
  order_id    uuid not null,
  memo        text not null default '',
  hold_id     uuid,                       -- the hold that this movement captures from
  reverses    uuid,                       -- the movement that this one undoes
  account_ids bigint[] not null,
  amounts     bigint[] not null,
  recorded_at timestamptz not null,       -- when the ledger learnt of it
  value_at    timestamptz,                -- the day it belongs to, when that is earlier (a correction)
  primary key (book_id, id),
  constraint journals_key unique (book_id, order_id, key),
  constraint journals_value_at check (value_at <= recorded_at),
  -- two legs are the common case and need no aggregate
  constraint journals_balanced check (
    case when cardinality(amounts) = 2 and cardinality(account_ids) = 2
      then amounts[1] <> 0 and amounts[1] + amounts[2] = 0 and account_ids[1] & 255 = account_ids[2] & 255
      else legs_balanced(account_ids, amounts) end)
);
create index journals_recorded on journals using brin (recorded_at) with (pages_per_range = 16, autosummarize = on);
create unique index journals_reverses on journals (book_id, reverses) where reverses is not null;
create index journals_hold on journals (book_id, hold_id) where hold_id is not null;

create table entries (
  book_id       integer not null,
  account_id    bigint not null,
  seq           bigint not null,
  journal_id    uuid not null,
  amount        bigint not null check (amount <> 0),
  balance_after bigint not null,
  recorded_at   timestamptz not null,
  value_at      timestamptz,
  primary key (book_id, account_id, seq),
  constraint entries_available check (account_id >> 16 < 10000 or balance_after >= 0)
);
create index entries_journal on entries (book_id, journal_id);
-- corrections only: today's view of a past day adds them to what was recorded by then
create index entries_value_at on entries (book_id, account_id, value_at) where value_at is not null;

create table holds (
  book_id    integer not null,
  id         uuid not null,
  account_id bigint not null,
  amount     bigint not null check (amount > 0),
  captured   bigint not null default 0,
  status     text not null default 'open' check (status in ('open', 'captured', 'voided', 'expired')),
  order_kind text not null,
  order_id   uuid not null,
  placed_at  timestamptz not null,
  expires_at timestamptz,
  closed_at  timestamptz,
  primary key (book_id, id),
  constraint holds_captured check (captured between 0 and amount),
  constraint holds_closed check ((status = 'open') = (closed_at is null)),
  constraint holds_status check (case status when 'captured' then captured > 0 else captured < amount end)
);
create index holds_open on holds (book_id, account_id) where status = 'open';
create index holds_due on holds (book_id, expires_at) where status = 'open' and expires_at is not null;
create index holds_order on holds (book_id, order_id);

-- What a subject (a person's number) has sent under a rule, by the hour: limits are sums of the last 24 rows.
create table velocity (
  book_id integer not null,
  subject bigint not null,
  rule    text not null,
  hour    timestamptz not null,
  spent   bigint not null check (spent >= 0),
  primary key (book_id, subject, rule, hour)
) with (fillfactor = 70);

-- One answer per key, for ever: written in the transaction that did the work.
create table idempotency (
  book_id      integer not null,
  scope        text not null,              -- principal and operation
  key          text not null,
  request_hash bytea not null,
  answer       jsonb not null,
  created_at   timestamptz not null default now(),
  primary key (book_id, scope, key)
);

-- ------------------------------------------------------------------------------------------------------------------

-- The planner settings of the two hot functions are pinned: their plans are cached, often when the tables are still
-- small or not yet analysed, and must be right when they are large. Every step is a look-up of a few hundred keys; the
-- `lateral (… offset 0)` leaves no other way than the primary key (without it a server that has not analysed yet takes
-- book_id for selective and reads all accounts of the book for each batch).

-- Locks the accounts in id order: every writer does, so no two wait for each other. Accounts that are not open yet are
-- not among the rows; the caller opens them first.
create function ledger_lock(p_book integer, p_ids bigint[])
returns table (id bigint, balance bigint, held bigint, status text)
language plpgsql security definer set search_path = public, pg_temp
  set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
  set enable_material = off as $$
#variable_conflict use_column
begin
  return query
    select a.id, a.balance, a.held, a.status from accounts a
    where a.book_id = p_book and a.id = any (p_ids) order by a.id for no key update;
end $$;

-- Opens accounts, with the status that the person's others have. Best in a transaction of its own and before any lock:
-- opened between locks, batches of new customers wait for each other in circles.
create function ledger_open(p_book integer, p_ids bigint[]) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform from books where book_id = p_book for key share;  -- while ledger_set_status runs, its end is waited for
  insert into accounts (book_id, id, status)
  select p_book, u.id, coalesce((select min(a.status) from accounts a
                                 where u.id >> 16 >= 10000 and a.book_id = p_book
                                   and a.id >= u.id >> 16 << 16 and a.id < ((u.id >> 16) + 1) << 16), 'open')
  from unnest(p_ids) u (id) order by u.id
  on conflict do nothing;
end $$;

-- Writes a batch of journals and hold changes whose accounts the caller has locked. Entries and balances are worked out
-- here from the journals' legs, so they cannot disagree with them; the checks on the tables have the last word.
-- Legs are flat: journal i owns legs leg_to[i-1]+1 … leg_to[i], and leg_journal says so again by id. Arrays of optional
-- values may be shorter than the others or empty: what is missing is null. (An element of an array that holds nulls is
-- found by walking to it, so these are never subscripted.) A hold change to 'open' is a part capture.
create function ledger_write(
  p_book integer,
  j_id uuid[], j_kind text[], j_key text[], j_order_kind text[], j_order_id uuid[], j_memo text[],
  j_hold uuid[], j_reverses uuid[], j_value_at timestamptz[], leg_to integer[],
  leg_account bigint[], leg_amount bigint[], leg_journal uuid[], leg_value_at timestamptz[],
  h_id uuid[], h_account bigint[], h_amount bigint[], h_order_kind text[], h_order_id uuid[], h_expires timestamptz[],
  c_id uuid[], c_captured bigint[], c_status text[]
) returns timestamptz
language plpgsql security definer set search_path = public, pg_temp
  set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
  set enable_material = off as $$
declare
  at timestamptz;
  touched bigint[];
  changes bigint;
begin
  perform pg_current_xact_id();  -- a sealer that waits for the transactions under way must see this one from here on
  touched := leg_account || h_account;
  if cardinality(c_id) > 0 then
    touched := touched || (select array_agg(h.account_id) from holds h where h.book_id = p_book and h.id = any (c_id));
  end if;
  -- locks are held by now, so no entry of these accounts can be recorded at an earlier instant later on
  select greatest(clock_timestamp(), max(a.touched_at), (select b.closed_to + interval '1 microsecond' from books b where b.book_id = p_book))
  into at from accounts a where a.book_id = p_book and a.id = any (touched);

  insert into journals (book_id, id, kind, key, order_kind, order_id, memo, hold_id, reverses, account_ids, amounts, recorded_at, value_at)
  select p_book, j.id, j.kind, j.key, j.order_kind, j.order_id, coalesce(j.memo, ''), j.hold_id, j.reverses,
         leg_account[coalesce(leg_to[j.n - 1], 0) + 1 : leg_to[j.n]],
         leg_amount[coalesce(leg_to[j.n - 1], 0) + 1 : leg_to[j.n]], at, j.value_at
  from unnest(j_id, j_kind, j_key, j_order_kind, j_order_id, j_memo, j_hold, j_reverses, j_value_at)
       with ordinality j (id, kind, key, order_kind, order_id, memo, hold_id, reverses, value_at, n);

  insert into entries (book_id, account_id, seq, journal_id, amount, balance_after, recorded_at, value_at)
  select p_book, l.account, a.seq + row_number() over w, l.journal, l.amount, a.balance + sum(l.amount) over w, at, l.value_at
  from unnest(leg_account, leg_amount, leg_journal, leg_value_at) with ordinality l (account, amount, journal, value_at, n)
  cross join lateral (select x.seq, x.balance from accounts x where x.book_id = p_book and x.id = l.account offset 0) a
  window w as (partition by l.account order by l.n rows unbounded preceding);
  get diagnostics changes = row_count;
  -- the caller is not believed: each leg belongs to one journal, is in the books as one entry, and is that journal's
  if changes <> cardinality(leg_account) or changes > 0 and (
      leg_to[cardinality(leg_to)] is distinct from changes
      or (array_lower(leg_account, 1), array_lower(leg_amount, 1), array_lower(leg_journal, 1)) is distinct from (1, 1, 1)
      or (array_upper(leg_account, 1), array_upper(leg_amount, 1), array_upper(leg_journal, 1)) is distinct from (changes, changes, changes)
      or exists (select from unnest(j_id, leg_to, 0 || leg_to) j (id, last, before) where j.id <> any (leg_journal[j.before + 1 : j.last]))) then
    raise exception 'the legs are not those of the journals' using errcode = 'check_violation';
  end if;
  if cardinality(j_value_at) > 0 or cardinality(leg_value_at) > 0 then
    if exists (select from journals j join entries e on e.book_id = j.book_id and e.journal_id = j.id
               where j.book_id = p_book and j.id = any (j_id) and e.value_at is distinct from j.value_at) then
      raise exception 'an entry belongs to the day of its journal' using errcode = 'check_violation';
    end if;
  end if;
  if cardinality(j_reverses) > 0 then
    if exists (select from unnest(j_reverses) r (id) where r.id is not null
               and not exists (select from journals j where j.book_id = p_book and j.id = r.id)) then
      raise exception 'a journal to reverse is not in the books' using errcode = 'foreign_key_violation';
    end if;
  end if;

  if cardinality(h_id) > 0 then
    insert into holds (book_id, id, account_id, amount, order_kind, order_id, placed_at, expires_at)
    select p_book, h.id, h.account, h.amount, h.order_kind, h.order_id, at, h.expires
    from unnest(h_id, h_account, h_amount, h_order_kind, h_order_id, h_expires) h (id, account, amount, order_kind, order_id, expires);
    if exists (select from unnest(h_account) h (account)
               where not exists (select from accounts a where a.book_id = p_book and a.id = h.account)) then
      raise exception 'the account of a hold is not open' using errcode = 'foreign_key_violation';
    end if;
  end if;
  if cardinality(c_id) > 0 or cardinality(j_hold) > 0 then
    -- what a hold gives is what its journal takes from its account, and an end without capture gives nothing
    if exists (
      select from unnest(c_id, c_captured, c_status) c (id, captured, status)
      full join (
        select j.hold_id, -sum(case when l.account = h.account_id then l.amount else 0 end) as amount
        from unnest(j_id, j_hold) j (id, hold_id)
        join unnest(leg_journal, leg_account, leg_amount) l (journal, account, amount) on l.journal = j.id
        left join holds h on h.book_id = p_book and h.id = j.hold_id
        where j.hold_id is not null group by j.hold_id) taken on taken.hold_id = c.id
      where c.captured is distinct from coalesce(taken.amount, 0) or (c.captured > 0) is distinct from (c.status in ('open', 'captured'))) then
      raise exception 'a hold gives what its journal takes' using errcode = 'check_violation';
    end if;
  end if;
  if cardinality(c_id) > 0 then
    update holds h
    set captured = h.captured + c.captured, status = c.status, closed_at = case when c.status = 'open' then null else at end
    from unnest(c_id, c_captured, c_status) c (id, captured, status)
    where h.book_id = p_book and h.id = c.id and h.status = 'open';
    get diagnostics changes = row_count;
    if changes <> cardinality(c_id) then
      raise exception 'a hold to change is not open' using errcode = 'check_violation', constraint = 'holds_status';
    end if;
  end if;
  -- one update of an account at most: its checks must see balance and held change together
  if cardinality(h_id) = 0 and cardinality(c_id) = 0 then
    update accounts a
    set balance = a.balance + d.amount, seq = a.seq + d.legs, touched_at = at
    from (select u.account, sum(u.amount)::bigint as amount, count(*) as legs
          from unnest(leg_account, leg_amount) u (account, amount) group by u.account) d
    cross join lateral (select x.ctid as place from accounts x where x.book_id = p_book and x.id = d.account offset 0) x
    where a.ctid = x.place;
  else
    update accounts a
    set balance = a.balance + d.amount, seq = a.seq + d.legs, held = a.held + d.held, touched_at = at
    from (
      select x.account, sum(x.amount)::bigint as amount, sum(x.legs)::bigint as legs, sum(x.held)::bigint as held
      from (
        select u.account, u.amount, 1 as legs, 0::bigint as held from unnest(leg_account, leg_amount) u (account, amount)
        union all
        select u.account, 0, 0, u.amount from unnest(h_account, h_amount) u (account, amount)
        union all
        select h.account_id, 0, 0, -(case when c.status = 'open' then c.captured else h.amount - h.captured + c.captured end)
        from unnest(c_id, c_captured, c_status) c (id, captured, status)
        join holds h on h.book_id = p_book and h.id = c.id  -- as just updated: captured already counts c's
      ) x group by x.account
    ) d
    cross join lateral (select x.ctid as place from accounts x where x.book_id = p_book and x.id = d.account offset 0) x
    where a.ctid = x.place;
  end if;
  return at;
end $$;

-- Locks holds for a decision; their accounts are locked first, by ledger_lock.
create function ledger_lock_holds(p_book integer, p_ids uuid[])
returns setof holds language sql security definer set search_path = public, pg_temp as $$
  select * from holds where book_id = p_book and id = any (p_ids) order by id for no key update
$$;

-- Freezes, closes or opens all accounts of a person, those as well that are opened later. A person without any gets the
-- main USDT account to carry it. The lock on the book keeps accounts from being opened unnoticed meanwhile.
create function ledger_set_status(p_book integer, p_owner bigint, p_status text) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform from books where book_id = p_book for update;
  insert into accounts (book_id, id)
  select p_book, (p_owner << 16) + 257
  where p_owner >= 10000
    and not exists (select from accounts where book_id = p_book and id >= p_owner << 16 and id < (p_owner + 1) << 16);
  update accounts set status = p_status
  where book_id = p_book and id >= p_owner << 16 and id < (p_owner + 1) << 16 and p_owner >= 10000;
end $$;

-- ------------------------------------------------------------------------------------------------------------------

revoke all on all tables in schema public from public, unipay_app;
revoke execute on all functions in schema public from public;
grant usage on schema public to unipay_app;
grant select on books, assets, accounts, journals, entries, holds, schema_migrations to unipay_app;
grant select, insert, update on velocity to unipay_app;
grant select, insert on idempotency to unipay_app;
grant execute on function ledger_lock, ledger_open, ledger_write, ledger_lock_holds, ledger_set_status, legs_balanced to unipay_app;
