-- The node programme: tiers and their stock, purchases, cashback, commissions on fees, daily yield, levels, prices of UPT.
-- Rows are written by the functions below alone, and each asks for the journal that must go with it and for what it claims:
-- more than there is cannot be sold, more than a fee cannot be paid on it, and no day is paid twice, also not from psql.
-- Order of locks: node_tiers, node_holdings, people, ledger accounts; a cursor or a run before accounts.
-- Shares and rates are in millionths. 98561 is the house's fees account in USDT, 257 and 513 a person's main and node
-- account in USDT, 514 the node account in UPT (src/ledger/accounts.ts).

create table node_tiers (
  book_id integer not null references books,
  tier    smallint not null check (tier between 1 and 99),
  units   integer not null check (units >= 0),
  sold    integer not null default 0 check (sold >= 0),
  price   bigint not null check (price > 0),           -- of one node, USDT
  primary key (book_id, tier),
  constraint node_tiers_stock check (sold <= units)
);
insert into node_tiers (book_id, tier, units, price)
select b.book_id, t.tier, t.units, t.price
from books b cross join (values (1, 300, 100000000), (2, 150, 110000000), (3, 50, 120000000)) t (tier, units, price);

-- What operators changed; a tier that nobody changed has no row.
create table node_tier_changes (
  book_id      integer not null,
  no           integer not null,
  tier         smallint not null,
  units_before integer,                                -- null: the tier is new
  price_before bigint,
  units        integer not null,
  price        bigint not null,
  reason       text not null check (reason <> ''),
  made_by      uuid not null,
  checked_by   uuid[] not null check (cardinality(checked_by) > 0),
  approval_id  uuid not null,
  changed_at   timestamptz not null,
  primary key (book_id, no),
  constraint node_tier_changes_once unique (book_id, approval_id),
  constraint node_tier_changes_four_eyes check (made_by <> all (checked_by))
);

-- Written with its journals, so it is paid; it never changes.
create table node_orders (
  book_id    integer not null references books,
  id         uuid not null,
  person_no  bigint not null,
  quantity   integer not null check (quantity > 0),
  total      bigint not null check (total > 0),
  fee        bigint not null,                          -- the share of the total that commissions are paid out of
  upt        bigint not null check (upt >= 0),
  status     text not null default 'paid' check (status in ('paid')),
  created_at timestamptz not null,
  primary key (book_id, id),
  constraint node_orders_fee check (fee between 0 and total)
);
create index node_orders_person on node_orders (book_id, person_no, id);
-- who held what when a day began
create index node_orders_yield on node_orders (book_id, person_no, created_at) include (quantity, total);

create table node_order_parts (
  book_id  integer not null,
  order_id uuid not null,
  tier     smallint not null,
  units    integer not null check (units > 0),
  price    bigint not null check (price > 0),
  primary key (book_id, order_id, tier),
  foreign key (book_id, order_id) references node_orders (book_id, id)
);

-- Running totals of the orders: a person's own, and of everybody below.
create table node_holdings (
  book_id    integer not null references books,
  person_no  bigint not null,
  nodes      integer not null default 0 check (nodes >= 0),
  principal  bigint not null default 0 check (principal >= 0),
  team_nodes integer not null default 0 check (team_nodes >= 0),
  primary key (book_id, person_no)
) with (fillfactor = 70);

create table node_cashbacks (
  book_id    integer not null references books,
  id         uuid not null,
  order_id   uuid not null,
  person_no  bigint not null,                          -- who invited the buyer
  from_no    bigint not null,
  base       bigint not null,
  rate       bigint not null check (rate between 1 and 1000000),
  amount     bigint not null check (amount > 0),
  status     text not null default 'paid' check (status in ('paid')),
  created_at timestamptz not null,
  primary key (book_id, id),
  constraint node_cashbacks_once unique (book_id, order_id),
  constraint node_cashbacks_amount check (amount = div(base::numeric * rate, 1000000)),
  foreign key (book_id, order_id) references node_orders (book_id, id)
);
create index node_cashbacks_person on node_cashbacks (book_id, person_no, id);

-- A fee that somebody's team has a part of.
create table commission_bases (
  book_id     integer not null references books,
  journal_id  uuid not null,                           -- that earned the fee
  entry_seq   bigint not null,                         -- its number on the fees account
  source      text not null,
  order_id    uuid not null,
  payer_no    bigint not null,
  base        bigint not null check (base > 0),
  paid        bigint not null,
  created_at  timestamptz not null,
  returned_at timestamptz,                             -- the fee was given back
  primary key (book_id, journal_id),
  constraint commission_bases_entry unique (book_id, entry_seq),
  constraint commission_bases_paid check (paid between 0 and base and (returned_at is null or paid = 0))
);
create index commission_bases_order on commission_bases (book_id, order_id);

create table commission_transitions (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into commission_transitions (from_status, to_status) values ('paid', 'reversed');

create table commission_rewards (
  book_id     integer not null references books,
  id          uuid not null,
  person_no   bigint not null,
  journal_id  uuid not null,                           -- the fee's
  layer       smallint not null check (layer between 1 and 5),
  base        bigint not null,
  rate        bigint not null check (rate between 1 and 1000000),
  amount      bigint not null check (amount > 0),
  status      text not null default 'paid' check (status in ('paid', 'reversed')),
  owed        bigint not null default 0 check (owed between 0 and amount),
  reason      text not null default '',
  created_at  timestamptz not null,
  reversed_at timestamptz,
  primary key (book_id, id),
  constraint commission_rewards_layer unique (book_id, journal_id, layer),
  constraint commission_rewards_person_once unique (book_id, journal_id, person_no),
  constraint commission_rewards_amount check (amount = div(base::numeric * rate, 1000000)),
  constraint commission_rewards_reversed check ((status = 'reversed') = (reversed_at is not null)),
  foreign key (book_id, journal_id) references commission_bases (book_id, journal_id)
);
create index commission_rewards_person on commission_rewards (book_id, person_no, id);

-- Rewards by the day (UTC) on which they were paid, less what was taken back of them.
create table commission_days (
  book_id   integer not null references books,
  person_no bigint not null,
  day       date not null,
  amount    bigint not null check (amount >= 0),
  primary key (book_id, person_no, day)
) with (fillfactor = 70);

-- Up to which entry of the fees account commissions are worked out. Fees of before there were commissions have none.
create table commission_cursors (
  book_id integer not null references books,
  seq     bigint not null check (seq >= 0),
  primary key (book_id)
);
insert into commission_cursors (book_id, seq)
select b.book_id, coalesce((select a.seq from accounts a where a.book_id = b.book_id and a.id = 98561), 0) from books b;

-- A day (UTC) that is paid, or being paid: everybody up to `reached` has theirs.
create table yield_runs (
  book_id     integer not null references books,
  day         date not null,
  reached     bigint not null default 0,
  people      integer not null default 0,
  paid        bigint not null default 0,
  started_at  timestamptz not null,
  finished_at timestamptz,
  primary key (book_id, day)
);

create table node_yields (
  book_id    integer not null references books,
  person_no  bigint not null,
  day        date not null,
  id         uuid not null,
  nodes      integer not null check (nodes > 0),       -- held when the day began
  principal  bigint not null check (principal > 0),    -- what was paid for them
  level      smallint not null check (level >= 0),     -- when the day ended
  rate       bigint not null check (rate between 1 and 1000000),
  amount     bigint not null check (amount > 0),
  created_at timestamptz not null,
  primary key (book_id, person_no, day),
  constraint node_yields_id unique (book_id, id),
  constraint node_yields_amount check (amount = div(principal::numeric * rate, 1000000)),
  foreign key (book_id, day) references yield_runs (book_id, day)
);
create index node_yields_day on node_yields (book_id, day, person_no);

-- How a customer's level came about; the newest row is the one of `people`.
create table level_changes (
  book_id     integer not null references books,
  person_no   bigint not null,
  no          integer not null check (no > 0),
  system      smallint not null check (system >= 0),
  manual      smallint check (manual >= 0),
  is_node     boolean not null,
  reason      text not null check (reason in ('worked_out', 'override', 'override_lifted')),
  approval_id uuid,
  changed_at  timestamptz not null,
  primary key (book_id, person_no, no),
  constraint level_changes_approved check ((approval_id is not null) = (reason <> 'worked_out'))
);

-- What a UPT was worth: by a sale, or as operators say.
create table upt_prices (
  book_id     integer not null references books,
  id          uuid not null,
  price       bigint not null check (price > 0),       -- of one UPT, USDT
  source      text not null check (source in ('sale', 'operator')),
  order_id    uuid,
  approval_id uuid,
  at          timestamptz not null,
  primary key (book_id, id),
  constraint upt_prices_source check ((order_id is not null) = (source = 'sale') and (approval_id is not null) = (source = 'operator'))
);
create index upt_prices_at on upt_prices (book_id, at, id) include (price, source);

-- ------------------------------------------------------------------------------------------------------------------

-- Locks the stock and what a buyer's purchase will count up: the buyer's holdings and those of everybody above. Answers the
-- tiers, and beside each how many nodes the buyer holds.
create function node_lock(p_book integer, p_person bigint)
returns table (tier smallint, units integer, sold integer, price bigint, held integer)
language plpgsql security definer set search_path = public, pg_temp as $$
#variable_conflict use_column
begin
  perform from node_tiers t where t.book_id = p_book order by t.tier for no key update;
  insert into node_holdings (book_id, person_no)
  select p_book, x.no from (
    select p_person as no
    union all select r.ancestor_no from referrals r where r.book_id = p_book and r.descendant_no = p_person) x
  order by x.no on conflict do nothing;
  perform from node_holdings h
  where h.book_id = p_book and (h.person_no = p_person
    or h.person_no in (select r.ancestor_no from referrals r where r.book_id = p_book and r.descendant_no = p_person))
  order by h.person_no for no key update;
  return query
    select t.tier, t.units, t.sold, t.price, h.nodes from node_tiers t
    join node_holdings h on h.book_id = t.book_id and h.person_no = p_person
    where t.book_id = p_book order by t.tier;
end $$;

-- Writes a purchase whose journals were just posted.
create function node_sell(
  p_book integer, p_id uuid, p_person bigint, p_quantity integer, p_total bigint, p_fee bigint, p_upt bigint, p_most integer,
  p_tiers smallint[], p_units integer[], p_prices bigint[], p_at timestamptz
) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  changes bigint;
begin
  if p_quantity <> (select sum(u.units) from unnest(p_units) u (units))
      or p_total <> (select sum(u.units * u.price) from unnest(p_units, p_prices) u (units, price)) then
    raise exception 'the parts of a purchase make up the whole' using errcode = 'check_violation', constraint = 'node_orders_parts';
  end if;
  if not exists (
      select from journals j where j.book_id = p_book and j.order_id = p_id and j.kind = 'node_purchase'
        and j.account_ids[1] = (p_person << 16) + 257 and j.amounts[1] = -p_total
        and p_fee = coalesce((select sum(u.b) from unnest(j.account_ids, j.amounts) u (a, b) where u.a = 98561), 0)) then
    raise exception 'a purchase has its journal' using errcode = 'check_violation', constraint = 'node_orders_journal';
  end if;
  if p_upt > 0 and not exists (
      select from journals j where j.book_id = p_book and j.order_id = p_id and j.kind = 'upt_granted'
        and j.account_ids[2] = (p_person << 16) + 514 and j.amounts[2] = p_upt) then
    raise exception 'the points of a purchase are granted' using errcode = 'check_violation', constraint = 'node_orders_upt';
  end if;
  update node_tiers t set sold = t.sold + u.units
  from unnest(p_tiers, p_units, p_prices) u (tier, units, price)
  where t.book_id = p_book and t.tier = u.tier and t.price = u.price;  -- more than there is breaks node_tiers_stock
  get diagnostics changes = row_count;
  if changes <> cardinality(p_tiers) then
    raise exception 'a tier has another price' using errcode = 'check_violation', constraint = 'node_tiers_price';
  end if;
  update node_holdings h set nodes = h.nodes + p_quantity, principal = h.principal + p_total
  where h.book_id = p_book and h.person_no = p_person and h.nodes + p_quantity <= p_most;
  if not found then
    raise exception 'more nodes than one person may hold' using errcode = 'check_violation', constraint = 'node_holdings_most';
  end if;
  update node_holdings h set team_nodes = h.team_nodes + p_quantity
  from referrals r
  where r.book_id = p_book and r.descendant_no = p_person and h.book_id = p_book and h.person_no = r.ancestor_no;
  insert into node_orders (book_id, id, person_no, quantity, total, fee, upt, created_at)
  values (p_book, p_id, p_person, p_quantity, p_total, p_fee, p_upt, p_at);
  insert into node_order_parts (book_id, order_id, tier, units, price)
  select p_book, p_id, u.tier, u.units, u.price from unnest(p_tiers, p_units, p_prices) u (tier, units, price);
  if p_upt > 0 and div(p_total::numeric * 1000000, p_upt) > 0 then
    insert into upt_prices (book_id, id, price, source, order_id, at)
    values (p_book, p_id, div(p_total::numeric * 1000000, p_upt), 'sale', p_id, p_at);
  end if;
end $$;

-- Writes the cashback of a purchase, to nobody but the inviter.
create function node_cashback(p_book integer, p_id uuid, p_order uuid, p_person bigint, p_rate bigint, p_amount bigint, p_at timestamptz)
returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not exists (
      select from journals j where j.book_id = p_book and j.order_id = p_id and j.kind = 'node_cashback'
        and j.account_ids[2] = (p_person << 16) + 513 and j.amounts[2] = p_amount) then
    raise exception 'a cashback has its journal' using errcode = 'check_violation', constraint = 'node_cashbacks_journal';
  end if;
  insert into node_cashbacks (book_id, id, order_id, person_no, from_no, base, rate, amount, created_at)
  select p_book, p_id, o.id, p_person, o.person_no, o.total, p_rate, p_amount, p_at
  from node_orders o
  join referrals r on r.book_id = o.book_id and r.descendant_no = o.person_no and r.depth = 1 and r.ancestor_no = p_person
  where o.book_id = p_book and o.id = p_order;
  if not found then
    raise exception 'cashback goes to who invited the buyer' using errcode = 'check_violation', constraint = 'node_cashbacks_inviter';
  end if;
end $$;

-- Changes a tier from what was checked to what was agreed, or adds the next one. False when it is not what was checked.
create function node_tier_set(
  p_book integer, p_tier smallint, p_units_before integer, p_price_before bigint, p_units integer, p_price bigint,
  p_reason text, p_made_by uuid, p_checked_by uuid[], p_approval uuid, p_at timestamptz
) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not exists (select from approvals a where a.book_id = p_book and a.id = p_approval and a.kind = 'node_tier') then
    raise exception 'a tier is changed by approval' using errcode = 'check_violation', constraint = 'node_tier_changes_approval';
  end if;
  perform from node_tiers t where t.book_id = p_book order by t.tier for no key update;
  if p_units_before is null then
    if p_tier <> 1 + coalesce((select max(t.tier) from node_tiers t where t.book_id = p_book), 0) then
      return false;
    end if;
    insert into node_tiers (book_id, tier, units, price) values (p_book, p_tier, p_units, p_price);
  else
    update node_tiers t set units = p_units, price = p_price
    where t.book_id = p_book and t.tier = p_tier and t.units = p_units_before and t.price = p_price_before;
    if not found then
      return false;
    end if;
  end if;
  insert into node_tier_changes
    (book_id, no, tier, units_before, price_before, units, price, reason, made_by, checked_by, approval_id, changed_at)
  select p_book, 1 + count(*), p_tier, p_units_before, p_price_before, p_units, p_price, p_reason, p_made_by, p_checked_by,
         p_approval, p_at
  from node_tier_changes c where c.book_id = p_book;
  return true;
end $$;

-- Up to where commissions are worked out. Whoever has the answer is the only one at it until the transaction ends.
create function commission_lock(p_book integer) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  reached bigint;
begin
  insert into commission_cursors (book_id, seq) values (p_book, 0) on conflict do nothing;
  select c.seq into reached from commission_cursors c where c.book_id = p_book for no key update;
  return reached;
end $$;

-- Writes rewards whose journals were just posted, and moves on. Nothing is believed: the fee is that of the ledger, who gets
-- it stands that many layers above who paid, and together they are not more than the fee.
create function commission_record(
  p_book integer, p_from bigint, p_to bigint,
  b_journal uuid[], b_seq bigint[], b_source text[], b_order uuid[], b_payer bigint[], b_base bigint[],
  r_id uuid[], r_journal uuid[], r_person bigint[], r_layer smallint[], r_rate bigint[], r_amount bigint[], p_at timestamptz
) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update commission_cursors c set seq = p_to where c.book_id = p_book and c.seq = p_from and p_to > p_from;
  if not found then
    raise exception 'commissions are worked out from another place' using errcode = 'check_violation', constraint = 'commission_cursors_seq';
  end if;
  if exists (
      select from unnest(b_journal, b_seq, b_order, b_payer, b_base) b (journal, seq, order_id, payer, base)
      where not exists (
        select from entries e join journals j on j.book_id = e.book_id and j.id = e.journal_id
        where e.book_id = p_book and e.account_id = 98561 and e.seq = b.seq and e.seq > p_from and e.seq <= p_to
          and e.journal_id = b.journal and e.amount = b.base and j.order_id = b.order_id
          and exists (select from unnest(j.account_ids, j.amounts) u (a, b) where u.a >> 16 = b.payer and u.b < 0))) then
    raise exception 'a commission is paid on a fee' using errcode = 'check_violation', constraint = 'commission_bases_fee';
  end if;
  insert into commission_bases (book_id, journal_id, entry_seq, source, order_id, payer_no, base, paid, created_at)
  select p_book, b.journal, b.seq, b.source, b.order_id, b.payer, b.base,
         coalesce((select sum(r.amount) from unnest(r_journal, r_amount) r (journal, amount) where r.journal = b.journal), 0), p_at
  from unnest(b_journal, b_seq, b_source, b_order, b_payer, b_base) b (journal, seq, source, order_id, payer, base);
  if exists (
      select from unnest(r_id, r_journal, r_person, r_layer, r_amount) r (id, journal, person, layer, amount)
      where not exists (
        select from journals j where j.book_id = p_book and j.order_id = r.id and j.kind = 'commission'
          and j.account_ids = array[98561, (r.person << 16) + 513] and j.amounts = array[-r.amount, r.amount])
      or not exists (
        select from commission_bases b
        join referrals f on f.book_id = b.book_id and f.descendant_no = b.payer_no and f.depth = r.layer and f.ancestor_no = r.person
        where b.book_id = p_book and b.journal_id = r.journal and b.created_at = p_at)) then
    raise exception 'a commission goes up the payer''s team, with its journal'
      using errcode = 'check_violation', constraint = 'commission_rewards_journal';
  end if;
  insert into commission_rewards (book_id, id, person_no, journal_id, layer, base, rate, amount, created_at)
  select p_book, r.id, r.person, r.journal, r.layer, b.base, r.rate, r.amount, p_at
  from unnest(r_id, r_journal, r_person, r_layer, r_rate, r_amount) r (id, journal, person, layer, rate, amount)
  join commission_bases b on b.book_id = p_book and b.journal_id = r.journal;
  insert into commission_days (book_id, person_no, day, amount)
  select p_book, r.person, (p_at at time zone 'UTC')::date, sum(r.amount)
  from unnest(r_person, r_amount) r (person, amount) group by r.person
  on conflict (book_id, person_no, day) do update set amount = commission_days.amount + excluded.amount;
end $$;

-- Takes a reward back whose reversal was just posted; answers whether it still was to be taken.
create function commission_reverse(p_book integer, p_id uuid, p_to text, p_owed bigint, p_reason text, p_at timestamptz) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  r commission_rewards;
begin
  select * into r from commission_rewards x where x.book_id = p_book and x.id = p_id for no key update;
  if not exists (select from commission_transitions t where t.from_status = r.status and t.to_status = p_to) then
    return false;
  end if;
  if not exists (
      select from journals j where j.book_id = p_book and j.order_id = p_id and j.kind = 'commission_reversed'
        and j.account_ids[1] = 98561 and j.amounts[1] = r.amount) then
    raise exception 'a commission is taken back by its journal' using errcode = 'check_violation', constraint = 'commission_rewards_journal';
  end if;
  update commission_rewards x set status = p_to, owed = p_owed, reason = p_reason, reversed_at = p_at
  where x.book_id = p_book and x.id = p_id;
  update commission_bases b
  set paid = b.paid - r.amount, returned_at = case when b.paid = r.amount then p_at end
  where b.book_id = p_book and b.journal_id = r.journal_id;
  update commission_days d set amount = d.amount - r.amount
  where d.book_id = p_book and d.person_no = r.person_no and d.day = (r.created_at at time zone 'UTC')::date;
  return true;
end $$;

-- Moves on past entries that pay nobody.
create function commission_skip(p_book integer, p_from bigint, p_to bigint) returns void
language sql security definer set search_path = public, pg_temp as $$
  update commission_cursors c set seq = p_to where c.book_id = p_book and c.seq = p_from and p_to > p_from
$$;

-- Begins a day that is over, or takes it up again. Whoever has the row is the only one at it until the transaction ends.
create function yield_begin(p_book integer, p_day date, p_at timestamptz) returns setof yield_runs
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if p_day >= (p_at at time zone 'UTC')::date then
    raise exception 'a day is paid when it is over' using errcode = 'check_violation', constraint = 'yield_runs_day';
  end if;
  insert into yield_runs (book_id, day, started_at) values (p_book, p_day, p_at) on conflict do nothing;
  return query select * from yield_runs r where r.book_id = p_book and r.day = p_day for no key update;
end $$;

-- Writes the yields of the next people, whose journals were just posted, and moves on.
create function yield_record(
  p_book integer, p_day date, p_from bigint, p_to bigint, p_done boolean,
  y_id uuid[], y_person bigint[], y_nodes integer[], y_principal bigint[], y_level smallint[], y_rate bigint[], y_amount bigint[],
  p_at timestamptz
) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update yield_runs r
  set reached = p_to, people = r.people + cardinality(y_id),
      paid = r.paid + coalesce((select sum(u.amount) from unnest(y_amount) u (amount)), 0)::bigint,
      finished_at = case when p_done then p_at end
  where r.book_id = p_book and r.day = p_day and r.reached = p_from and r.finished_at is null and p_to >= p_from;
  if not found then
    raise exception 'a day is paid once' using errcode = 'check_violation', constraint = 'yield_runs_reached';
  end if;
  if exists (
      select from unnest(y_id, y_person, y_amount) y (id, person, amount)
      where y.person <= p_from or y.person > p_to or not exists (
        select from journals j where j.book_id = p_book and j.order_id = y.id and j.kind = 'node_yield'
          and j.account_ids[2] = (y.person << 16) + 513 and j.amounts[2] = y.amount)) then
    raise exception 'a yield has its journal' using errcode = 'check_violation', constraint = 'node_yields_journal';
  end if;
  insert into node_yields (book_id, person_no, day, id, nodes, principal, level, rate, amount, created_at)
  select p_book, y.person, p_day, y.id, y.nodes, y.principal, y.level, y.rate, y.amount, p_at
  from unnest(y_id, y_person, y_nodes, y_principal, y_level, y_rate, y_amount) y (id, person, nodes, principal, level, rate, amount);
end $$;

-- Locks the holdings of people whose level is worked out.
create function node_holdings_lock(p_book integer, p_people bigint[]) returns setof node_holdings
language sql security definer set search_path = public, pg_temp as $$
  select * from node_holdings h where h.book_id = p_book and h.person_no = any (p_people) order by h.person_no for no key update
$$;

-- What a UPT is worth from now on, as operators agreed.
create function upt_price_set(p_book integer, p_id uuid, p_price bigint, p_approval uuid, p_at timestamptz) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not exists (select from approvals a where a.book_id = p_book and a.id = p_approval and a.kind = 'upt_price') then
    raise exception 'a price is set by approval' using errcode = 'check_violation', constraint = 'upt_prices_approval';
  end if;
  insert into upt_prices (book_id, id, price, source, approval_id, at) values (p_book, p_id, p_price, 'operator', p_approval, p_at);
end $$;

revoke execute on function node_lock, node_sell, node_cashback, node_tier_set, commission_lock, commission_record,
  commission_reverse, commission_skip, yield_begin, yield_record, node_holdings_lock, upt_price_set from public;
grant execute on function node_lock, node_sell, node_cashback, node_tier_set, commission_lock, commission_record,
  commission_reverse, commission_skip, yield_begin, yield_record, node_holdings_lock, upt_price_set to unipay_app;
grant select on node_tiers, node_tier_changes, node_orders, node_order_parts, node_holdings, node_cashbacks, commission_bases,
  commission_transitions, commission_rewards, commission_days, commission_cursors, yield_runs, node_yields, upt_prices to unipay_app;
grant select, insert on level_changes to unipay_app;
