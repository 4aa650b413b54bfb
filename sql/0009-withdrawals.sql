-- Withdrawals: orders of customers to be paid on a chain, and their books of addresses.
-- An order is written and moved by the functions below alone, and each step asks for what must go with it: the hold, the
-- payment, the journal. So no one can skip a state, pay without approval, or give back what may still be paid, also not
-- from psql.

create table withdrawal_transitions (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into withdrawal_transitions (from_status, to_status) values
  ('submitted', 'review'), ('submitted', 'approved'),
  ('review', 'approved'), ('review', 'rejected'), ('review', 'cancelled'),
  ('approved', 'processing'), ('approved', 'cancelled'),
  ('processing', 'confirming'), ('processing', 'approved'),
  ('confirming', 'processing'), ('confirming', 'confirmed'), ('confirming', 'failed'),
  ('confirmed', 'processing'), ('failed', 'processing');

create table withdrawals (
  book_id      integer not null references books,
  id           uuid not null,
  person_no    bigint not null,
  network      text not null,
  asset        text not null check (asset in ('USDT', 'TRX')),
  to_address   text not null,                    -- canonical
  amount       bigint not null,                  -- what the customer pays, the fee included
  fee          bigint not null check (fee >= 0),
  status       text not null default 'submitted'
    check (status in ('submitted', 'review', 'approved', 'processing', 'confirming', 'confirmed', 'failed', 'rejected', 'cancelled')),
  reason       text not null default '',         -- a word of ours; customers read its sentence
  hold_id      uuid not null,
  journal_id   uuid,                             -- that took the held money; kept while a reorganisation is followed
  approval_id  uuid,                             -- what operators were asked
  tx_hash      text,
  block_number bigint,
  round        integer not null default 1,       -- grows when a reorganisation opens it again
  owed         bigint not null default 0 check (owed >= 0), -- paid twice by a reorganisation, and not there any more
  created_at   timestamptz not null,
  settled_at   timestamptz,
  primary key (book_id, id),
  constraint withdrawals_net check (amount > fee),
  constraint withdrawals_journal check (
    case when status = 'confirmed' then journal_id is not null
      when status in ('approved', 'processing', 'confirming') then true else journal_id is null end),
  constraint withdrawals_review check (status <> 'review' or approval_id is not null),
  constraint withdrawals_settled check ((status in ('confirmed', 'failed', 'rejected', 'cancelled')) = (settled_at is not null))
);
create index withdrawals_person on withdrawals (book_id, person_no, id);
create index withdrawals_address on withdrawals (book_id, network, to_address);
create index withdrawals_open on withdrawals (book_id, status, id) where settled_at is null;

-- Each step of each withdrawal, for its timeline. `note` is the operators' and never shown to the customer.
create table withdrawal_events (
  book_id       integer not null,
  withdrawal_id uuid not null,
  no            integer not null,
  from_status   text,
  to_status     text not null,
  tx_hash       text,
  reason        text not null default '',
  note          text not null default '',
  at            timestamptz not null,
  primary key (book_id, withdrawal_id, no)
);

-- Addresses that a customer has named. In allow-list mode only these are paid, from usable_at on.
create table withdrawal_addresses (
  book_id      integer not null references books,
  id           uuid not null,
  person_no    bigint not null,
  network      text not null,
  address      text not null,                    -- canonical
  label_sealed bytea not null,
  created_at   timestamptz not null,
  usable_at    timestamptz not null,
  removed_at   timestamptz,
  primary key (book_id, id),
  constraint withdrawal_addresses_wait check (usable_at >= created_at)
);
create unique index withdrawal_addresses_once on withdrawal_addresses (book_id, person_no, network, address) where removed_at is null;
create index withdrawal_addresses_person on withdrawal_addresses (book_id, person_no, id);

-- Who has allow-list mode on: without `off_at` for good, else until then.
create table withdrawal_allow_lists (
  book_id   integer not null references books,
  person_no bigint not null,
  on_since  timestamptz not null,
  off_at    timestamptz,
  primary key (book_id, person_no)
);

-- ------------------------------------------------------------------------------------------------------------------

-- Writes an order whose money was just set aside.
create function withdrawal_submit(
  p_book integer, p_id uuid, p_person bigint, p_network text, p_asset text, p_to text, p_amount bigint, p_fee bigint, p_hold uuid,
  p_at timestamptz
) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not exists (
      select from holds h where h.book_id = p_book and h.id = p_hold and h.status = 'open' and h.captured = 0 and h.amount = p_amount
        and h.order_kind = 'withdrawal' and h.order_id = p_id and h.account_id >> 16 = p_person
        and h.account_id & 255 = (select a.asset from assets a where a.code = p_asset)) then
    raise exception 'the money of a withdrawal is held first' using errcode = 'check_violation', constraint = 'withdrawals_hold';
  end if;
  insert into withdrawals (book_id, id, person_no, network, asset, to_address, amount, fee, hold_id, created_at)
  values (p_book, p_id, p_person, p_network, p_asset, p_to, p_amount, p_fee, p_hold, p_at);
  insert into withdrawal_events (book_id, withdrawal_id, no, to_status, at) values (p_book, p_id, 1, 'submitted', p_at);
end $$;

-- Locks an order for a decision. A payment's row is locked before, accounts after it.
create function withdrawal_lock(p_book integer, p_id uuid) returns setof withdrawals
language sql security definer set search_path = public, pg_temp as $$
  select * from withdrawals where book_id = p_book and id = p_id for no key update
$$;

-- Moves an order that still is in the first state; answers whether it was. What must go with the step is there already:
-- its payment when it is approved, its journal when it is confirmed, the money back when it ends without one.
create function withdrawal_move(
  p_book integer, p_id uuid, p_from text, p_to text, p_reason text, p_note text, p_hold uuid, p_journal uuid, p_approval uuid,
  p_tx_hash text, p_block bigint, p_owed bigint, p_at timestamptz
) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  w withdrawals;
  paid chain_payments;
begin
  if not exists (select from withdrawal_transitions t where t.from_status = p_from and t.to_status = p_to) then
    raise exception 'a withdrawal cannot go from % to %', p_from, p_to
      using errcode = 'check_violation', constraint = 'withdrawal_transitions';
  end if;
  select * into w from withdrawals where book_id = p_book and id = p_id and status = p_from for no key update;
  if not found then
    return false;
  end if;
  select * into paid from chain_payments c where c.book_id = p_book and c.order_kind = 'withdrawal' and c.order_id = p_id;
  if p_to in ('approved', 'processing', 'confirming', 'confirmed', 'failed')
      and (paid.id is null or paid.status = 'void' or (paid.network, paid.to_address) <> (w.network, w.to_address)) then
    raise exception 'a withdrawal is paid by its payment' using errcode = 'check_violation', constraint = 'withdrawals_payment';
  end if;
  -- given back and paid is what must never be
  if p_to in ('rejected', 'cancelled') and paid.id is not null and paid.status <> 'void' then
    raise exception 'the payment of this withdrawal may still be made' using errcode = 'check_violation', constraint = 'withdrawals_payment';
  end if;
  if p_to in ('rejected', 'cancelled', 'failed') then
    if exists (select from holds h where h.book_id = p_book and h.id = w.hold_id and h.status = 'open')
        or w.journal_id is not null and not exists (select from journals j where j.book_id = p_book and j.reverses = w.journal_id) then
      raise exception 'a withdrawal that is not paid gives its money back' using errcode = 'check_violation', constraint = 'withdrawals_hold';
    end if;
  end if;
  if p_to = 'confirmed' and not exists (
      select from journals j where j.book_id = p_book and j.id = coalesce(p_journal, w.journal_id) and j.kind = 'withdrawal' and j.order_id = p_id) then
    raise exception 'a confirmed withdrawal has its journal' using errcode = 'check_violation', constraint = 'withdrawals_journal';
  end if;
  update withdrawals
  set status = p_to, reason = p_reason,
      hold_id = coalesce(p_hold, hold_id),
      journal_id = case when p_to = 'confirmed' then coalesce(p_journal, journal_id)
                        when p_to in ('approved', 'processing', 'confirming') then journal_id end,
      approval_id = coalesce(p_approval, approval_id),
      tx_hash = case when p_to in ('approved', 'cancelled') then null else coalesce(p_tx_hash, tx_hash) end,
      block_number = case when p_to in ('confirming', 'confirmed', 'failed') then coalesce(p_block, block_number) end,
      round = round + (p_from in ('confirmed', 'failed'))::integer,
      owed = case when p_to = 'failed' then 0 else coalesce(p_owed, owed) end,
      settled_at = case when p_to in ('confirmed', 'failed', 'rejected', 'cancelled') then p_at end
  where book_id = p_book and id = p_id;
  insert into withdrawal_events (book_id, withdrawal_id, no, from_status, to_status, tx_hash, reason, note, at)
  select p_book, p_id, 1 + count(*), p_from, p_to, p_tx_hash, p_reason, p_note, p_at
  from withdrawal_events e where e.book_id = p_book and e.withdrawal_id = p_id;
  return true;
end $$;

-- Notes by which transaction it is being paid: a replacement may have taken the first one's place.
create function withdrawal_paid_by(p_book integer, p_id uuid, p_tx_hash text) returns void
language sql security definer set search_path = public, pg_temp as $$
  update withdrawals set tx_hash = p_tx_hash
  where book_id = p_book and id = p_id and status in ('processing', 'confirming') and tx_hash is distinct from p_tx_hash
$$;

revoke execute on function withdrawal_submit, withdrawal_lock, withdrawal_move, withdrawal_paid_by from public;
grant execute on function withdrawal_submit, withdrawal_lock, withdrawal_move, withdrawal_paid_by to unipay_app;
grant select on withdrawal_transitions, withdrawals, withdrawal_events to unipay_app;
grant select, insert on withdrawal_addresses to unipay_app;
grant update (label_sealed, removed_at) on withdrawal_addresses to unipay_app;
grant select, insert, update on withdrawal_allow_lists to unipay_app;
-- what the signer checks an approval's MAC against
grant select (book_id, id, network, asset, to_address, amount, fee, status) on withdrawals to unipay_signer;
