-- Treasury: bringing what customers paid in from their deposit addresses to the house's wallets, coin for the fees of that,
-- and what is too much in the hot wallet to the cold one. Every order here has one chain payment (sql/0008).
-- Orders are written and moved by the functions below alone, so no one can skip a state, also not from psql.

-- Tokens that came straight to a wallet of the house: rows of `deposits` as well, for a reorganisation undoes them alike.
insert into deposit_transitions (from_status, to_status) values
  ('pending', 'house'), ('house', 'reversed');
alter table deposits drop constraint deposits_class_check, drop constraint deposits_status_check, drop constraint deposits_class;
alter table deposits add constraint deposits_class_check
  check (class in ('customer', 'below_minimum', 'unsupported', 'internal', 'house')) not valid;
alter table deposits add constraint deposits_status_check
  check (status in ('pending', 'review', 'credited', 'orphaned', 'reversed', 'rejected', 'below_minimum', 'unsupported', 'internal', 'house')) not valid;
alter table deposits add constraint deposits_class check (
  case status when 'credited' then class = 'customer' when 'review' then class = 'customer' when 'rejected' then class = 'customer'
    when 'below_minimum' then class = 'below_minimum' when 'unsupported' then class = 'unsupported'
    when 'internal' then class = 'internal' when 'house' then class = 'house' else true end) not valid;

-- How much of the books' custody stands on each deposit address. Changes with the journals of deposits and sweeps, in the
-- same transaction, after them (accounts are locked first). Below zero only when a deposit left the chain after its sweep.
create table address_custody (
  book_id integer not null references books,
  network text not null,
  asset   text not null check (asset in ('token', 'coin')),
  address text not null,
  units   bigint not null,
  primary key (book_id, network, asset, address)
);
create index address_custody_most on address_custody (book_id, network, asset, units desc) where units > 0;
insert into address_custody (book_id, network, asset, address, units)
select book_id, network, 'token', address, sum(amount_received) from deposits
where status in ('credited', 'below_minimum', 'rejected') group by 1, 2, 4;

create table treasury_transitions (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into treasury_transitions (from_status, to_status) values
  ('planned', 'topping_up'), ('planned', 'moving'), ('planned', 'failed'),
  ('topping_up', 'moving'), ('topping_up', 'failed'),
  ('moving', 'done'), ('moving', 'failed'),
  ('done', 'moving'), ('failed', 'moving');

create table treasury_orders (
  book_id      integer not null references books,
  id           uuid not null,
  kind         text not null check (kind in ('sweep', 'top_up', 'cold_move')),
  network      text not null,
  asset        text not null check (asset in ('token', 'coin')),
  from_address text not null,
  from_index   integer not null check (from_index >= 0),
  to_address   text not null,
  to_purpose   text not null check (to_purpose in ('hot', 'cold', 'deposit')),
  amount       bigint not null check (amount >= 0),         -- ledger units, floored for a coin
  value        numeric(78) not null check (value > 0),      -- chain units
  sweep_id     uuid,                                        -- of a top-up: what it is for
  status       text not null default 'planned' check (status in ('planned', 'topping_up', 'moving', 'done', 'failed')),
  reason       text not null default '',                    -- why it waits or failed; for people
  attempt      integer not null default 1,                  -- of this address, since one went well
  again        boolean not null default false,              -- a reorganisation opened it anew, perhaps beside a later one
  journal_id   uuid,                                        -- of a done one; a coin's move has none, it stays in one account
  counted      boolean not null default false,              -- taken off its address's part of custody
  round        integer not null default 1,                  -- grows when its journal is undone
  created_at   timestamptz not null,
  settled_at   timestamptz,
  primary key (book_id, id),
  constraint treasury_orders_way check (
    case kind when 'sweep' then to_purpose <> 'deposit' and from_address <> to_address
      when 'top_up' then to_purpose = 'deposit' and asset = 'coin' and from_index = 0
      else to_purpose = 'cold' and asset = 'token' and from_index = 0 end),
  constraint treasury_orders_top_up check ((kind = 'top_up') = (sweep_id is not null)),
  constraint treasury_orders_topping_up check (status <> 'topping_up' or kind = 'sweep'),
  constraint treasury_orders_journal check (
    case when status = 'done' and asset = 'token' then journal_id is not null
      when status in ('done', 'moving') and asset = 'token' then true else journal_id is null end),
  constraint treasury_orders_settled check ((status in ('done', 'failed')) = (settled_at is not null))
);
-- one sweep an address, one move a hot wallet, one top-up a sweep
create unique index treasury_orders_live on treasury_orders (book_id, network, kind, coalesce(sweep_id::text, from_address))
  where status in ('planned', 'topping_up', 'moving') and not again;
create index treasury_orders_open on treasury_orders (book_id, network, kind, created_at) where status in ('planned', 'topping_up', 'moving');
create index treasury_orders_from on treasury_orders (book_id, network, from_address, created_at);
create index treasury_orders_failed on treasury_orders (book_id, network, kind, settled_at) where status = 'failed';
create index treasury_orders_sweep on treasury_orders (book_id, sweep_id) where sweep_id is not null;

-- Each step of each order, for its timeline.
create table treasury_events (
  book_id     integer not null,
  order_id    uuid not null,
  no          integer not null,
  from_status text,
  to_status   text not null,
  reason      text not null default '',
  at          timestamptz not null,
  primary key (book_id, order_id, no)
);

-- Coin that came to an address of ours from outside: found as the difference between the chain and what our own payments
-- explain, at a final block. Kept in chain units; the books have it floored, with the rest in chain_states.coin_dust.
create table coin_fundings (
  book_id      integer not null references books,
  id           uuid not null,
  network      text not null,
  address      text not null,
  value        numeric(78) not null check (value > 0),
  units        bigint not null check (units >= 0),
  block_number bigint not null,
  booked_at    timestamptz not null,
  primary key (book_id, id),
  constraint coin_fundings_once unique (book_id, network, address, block_number)
);

-- what our payments did to the coin of an address
create index chain_transactions_from on chain_transactions (book_id, network, from_address);
create index chain_payments_coin_to on chain_payments (book_id, network, to_address) where asset = 'coin';

-- What the treasury of a network last saw and who runs it. `asked_at`: an operator wants a run now.
create table treasury_states (
  book_id   integer not null references books,
  network   text not null,
  runner    text,
  run_until timestamptz,
  asked_at  timestamptz,
  ran_at    timestamptz,
  note      text not null default '',                       -- why nothing is swept; for people
  seen      jsonb,                                          -- balances on chain, chain units as texts, with their block
  seen_at   timestamptz,
  funded_at timestamptz,                                    -- when the sandbox gave the hot wallet its first test USDT
  primary key (book_id, network)
);

-- ------------------------------------------------------------------------------------------------------------------

-- Writes an order that is planned; nothing when one of its kind is under way there already.
create function treasury_plan(
  p_book integer, p_id uuid, p_kind text, p_network text, p_asset text, p_from text, p_index integer, p_to text, p_purpose text,
  p_amount bigint, p_value numeric, p_sweep uuid, p_at timestamptz
) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  insert into treasury_orders (book_id, id, kind, network, asset, from_address, from_index, to_address, to_purpose, amount, value,
                               sweep_id, attempt, created_at)
  select p_book, p_id, p_kind, p_network, p_asset, p_from, p_index, p_to, p_purpose, p_amount, p_value, p_sweep,
         1 + coalesce((select case o.status when 'failed' then o.attempt else 0 end from treasury_orders o
                       where o.book_id = p_book and o.network = p_network and o.from_address = p_from and o.kind = p_kind and p_kind <> 'top_up'
                       order by o.created_at desc, o.id desc limit 1), 0), p_at
  on conflict do nothing;
  if not found then
    return false;
  end if;
  insert into treasury_events (book_id, order_id, no, to_status, at) values (p_book, p_id, 1, 'planned', p_at);
  return true;
end $$;

-- Moves an order that still is in the first state; answers whether it was. What must go with the step is there already: its
-- payment when it moves, a top-up while it is topped up, the journal when tokens have moved, and the journal's reversal
-- when they turn out not to have. The address's part of custody changes with the journal.
create function treasury_move(
  p_book integer, p_id uuid, p_from text, p_to text, p_reason text, p_journal uuid, p_at timestamptz
) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  o treasury_orders;
  booked boolean := false;
  undone boolean := false;
begin
  if not exists (select from treasury_transitions t where t.from_status = p_from and t.to_status = p_to) then
    raise exception 'an order of the treasury cannot go from % to %', p_from, p_to
      using errcode = 'check_violation', constraint = 'treasury_transitions';
  end if;
  select * into o from treasury_orders where book_id = p_book and id = p_id and status = p_from for no key update;
  if not found then
    return false;
  end if;
  if p_to = 'moving' and not exists (
      select from chain_payments p where p.book_id = p_book and p.order_kind = o.kind and p.order_id = p_id and p.network = o.network
        and p.asset = o.asset and p.from_address = o.from_address and p.from_index = o.from_index and p.to_address = o.to_address and p.value = o.value) then
    raise exception 'an order moves with its payment' using errcode = 'check_violation', constraint = 'treasury_orders_payment';
  end if;
  if p_to = 'topping_up' and not exists (
      select from treasury_orders t where t.book_id = p_book and t.sweep_id = p_id and t.status = 'moving') then
    raise exception 'a sweep is topped up by a top-up' using errcode = 'check_violation', constraint = 'treasury_orders_topped_up';
  end if;
  if p_to = 'done' and not exists (
      select from chain_payments p where p.book_id = p_book and p.order_kind = o.kind and p.order_id = p_id and p.status = 'confirmed') then
    raise exception 'an order is done when its payment is confirmed' using errcode = 'check_violation', constraint = 'treasury_orders_done';
  end if;
  if p_to = 'failed' and exists (
      select from chain_payments p where p.book_id = p_book and p.order_kind = o.kind and p.order_id = p_id and p.status not in ('failed', 'void')) then
    raise exception 'what may still be mined has not failed' using errcode = 'check_violation', constraint = 'treasury_orders_failed';
  end if;
  booked := p_to = 'done' and not o.counted;  -- not once more when a reorganisation only moved it to another block
  undone := p_to = 'failed' and o.counted;
  if booked and o.asset = 'token' and not exists (
      select from journals j where j.book_id = p_book and j.id = p_journal and j.order_id = p_id
        and j.kind = case o.kind when 'sweep' then 'swept' else 'moved_to_cold' end and o.amount = any (j.amounts)) then
    raise exception 'tokens move with their journal' using errcode = 'check_violation', constraint = 'treasury_orders_booked';
  end if;
  if undone and o.asset = 'token' and not exists (
      select from journals j where j.book_id = p_book and j.id = p_journal and j.reverses = o.journal_id) then
    raise exception 'what was booked and failed is undone' using errcode = 'check_violation', constraint = 'treasury_orders_undone';
  end if;
  update treasury_orders
  set status = p_to, reason = p_reason,
      journal_id = case when booked then p_journal when undone then null else journal_id end,
      counted = (counted or booked) and not undone,
      round = round + undone::integer,
      again = again or p_from in ('done', 'failed'),
      settled_at = case when p_to in ('done', 'failed') then p_at end
  where book_id = p_book and id = p_id;
  if o.kind = 'sweep' and (booked or undone) then
    insert into address_custody as c (book_id, network, asset, address, units)
    values (p_book, o.network, o.asset, o.from_address, case when booked then -o.amount else o.amount end)
    on conflict (book_id, network, asset, address) do update set units = c.units + excluded.units;
  end if;
  insert into treasury_events (book_id, order_id, no, from_status, to_status, reason, at)
  select p_book, p_id, 1 + count(*), p_from, p_to, p_reason, p_at
  from treasury_events e where e.book_id = p_book and e.order_id = p_id;
  return true;
end $$;

-- Locks an order. A payment's row is locked before, accounts after it.
create function treasury_lock(p_book integer, p_id uuid) returns setof treasury_orders
language sql security definer set search_path = public, pg_temp as $$
  select * from treasury_orders where book_id = p_book and id = p_id for no key update
$$;

-- Says why an order that is planned has to wait, or what is with one that moves.
create function treasury_wait(p_book integer, p_id uuid, p_reason text) returns void
language sql security definer set search_path = public, pg_temp as $$
  update treasury_orders set reason = p_reason
  where book_id = p_book and id = p_id and status in ('planned', 'topping_up', 'moving') and reason <> p_reason
$$;

-- What settled deposits brought to their addresses, or took away again. Called with the journals already written.
create function address_custody_add(p_book integer, p_network text, p_asset text, p_addresses text[], p_units bigint[]) returns void
language sql security definer set search_path = public, pg_temp as $$
  insert into address_custody as c (book_id, network, asset, address, units)
  select p_book, p_network, p_asset, u.address, sum(u.units) from unnest(p_addresses, p_units) u (address, units)
  group by u.address order by u.address
  on conflict (book_id, network, asset, address) do update set units = c.units + excluded.units
$$;

revoke execute on function treasury_plan, treasury_move, treasury_lock, treasury_wait, address_custody_add from public;
grant execute on function treasury_plan, treasury_move, treasury_lock, treasury_wait, address_custody_add to unipay_app;
grant select on address_custody, treasury_transitions, treasury_orders, treasury_events to unipay_app;
grant select, insert on coin_fundings to unipay_app;
grant select, insert, update on treasury_states to unipay_app;
