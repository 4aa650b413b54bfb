-- Money going out on chain: what is to be paid (chain_payments), what was signed for it (chain_transactions), and what the
-- signer is asked (signing_requests). Rows are written and moved by the functions below alone, so no one can skip a state.
-- A payment may have several transactions over time, of which at most one can ever be mined: on EVM chains all of them
-- carry one nonce until one with that nonce is final; on TRON a second is signed only when the first can never be mined.

insert into assets (asset, code, scale) values (4, 'GAS', 9);  -- the coin of an EVM network, in gwei; see ledger/accounts.ts

-- The signer's own role: it reads what it must decide on and calls two functions; it changes nothing else.
do $$ begin
  if not exists (select from pg_roles where rolname = 'unipay_signer') then
    create role unipay_signer nologin;
  end if;
exception when duplicate_object or unique_violation then null;  -- another database of this server made it just now
end $$;
do $$ begin
  if not (select rolsuper from pg_roles where rolname = current_user) then  -- see 0001
    execute format('grant unipay_signer to %I', current_user);
  end if;
exception when insufficient_privilege then null;
end $$;

create table chain_payment_transitions (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into chain_payment_transitions (from_status, to_status) values
  ('ready', 'signed'), ('ready', 'refused'), ('ready', 'void'),
  ('refused', 'ready'), ('refused', 'void'),
  ('signed', 'broadcast'), ('signed', 'uncertain'), ('signed', 'mined'), ('signed', 'ready'),
  ('broadcast', 'uncertain'), ('broadcast', 'mined'), ('broadcast', 'ready'),
  ('uncertain', 'broadcast'), ('uncertain', 'mined'), ('uncertain', 'ready'),
  ('mined', 'broadcast'), ('mined', 'confirmed'), ('mined', 'failed'),
  ('confirmed', 'broadcast'), ('failed', 'broadcast');

create table chain_payments (
  book_id      integer not null references books,
  id           uuid not null,
  network      text not null,
  order_kind   text not null check (order_kind in ('withdrawal', 'sweep', 'top_up', 'cold_move', 'nonce_fill')),
  order_id     uuid not null,
  asset        text not null check (asset in ('token', 'coin')),     -- the network's USDT contract, or its own coin
  from_purpose text not null check (from_purpose in ('hot', 'deposit')),
  from_index   integer not null check (from_index >= 0),             -- of the deposit key; 0 for the hot wallet
  from_address text not null,
  to_address   text not null,
  value        numeric(78) not null check (value >= 0),              -- chain units
  approval_mac bytea check (length(approval_mac) = 32),              -- made at approval, checked by the signer
  status       text not null default 'ready'
    check (status in ('ready', 'refused', 'signed', 'broadcast', 'uncertain', 'mined', 'confirmed', 'failed', 'void')),
  reason       text not null default '',                             -- why it waits, was refused, or failed; for people
  told         text not null default 'ready',                        -- the last state that its order was told of
  give_up      text check (give_up in ('void', 'again')),            -- an operator's wish: no more tries; then the end, or a new start
  tx_id        uuid,                                                 -- the transaction that counts now: the mined one, else the newest
  created_at   timestamptz not null,
  settled_at   timestamptz,
  primary key (book_id, id),
  constraint chain_payments_once unique (book_id, order_kind, order_id),
  constraint chain_payments_approved check (order_kind <> 'withdrawal' or approval_mac is not null),
  constraint chain_payments_hot check (from_purpose <> 'hot' or from_index = 0),
  constraint chain_payments_value check (value > 0 or order_kind = 'nonce_fill')
);
create index chain_payments_open on chain_payments (book_id, network, created_at)
  where status in ('ready', 'refused', 'signed', 'broadcast', 'uncertain', 'mined');
create index chain_payments_untold on chain_payments (book_id, network) where status <> told;
create index chain_payments_given_up on chain_payments (book_id, network) where give_up is not null;

create table chain_payment_events (
  book_id     integer not null,
  payment_id  uuid not null,
  no          integer not null,
  from_status text,
  to_status   text not null,
  tx_hash     text,
  reason      text not null default '',
  at          timestamptz not null,
  primary key (book_id, payment_id, no)
);

-- Next nonce of a wallet on an EVM network. Taken in the transaction that stores what was signed with it: no gaps.
create table wallet_nonces (
  book_id integer not null references books,
  network text not null,
  address text not null,
  next    bigint not null check (next >= 0),
  primary key (book_id, network, address)
);

-- `draft` is what the signer needs of the chain's present state and checks against its own limits:
--   evm  {"gas","maxFeePerGas","maxPriorityFeePerGas","minedNonce"}            decimal texts, wei
--   tron {"refBlockBytes","refBlockHash","timestamp","expiration","feeLimit"}  milliseconds, sun
create table signing_requests (
  book_id    integer not null references books,
  id         uuid not null,
  payment_id uuid not null,
  network    text not null,
  draft      jsonb not null,
  replaces   uuid,                          -- the transaction whose nonce is used again, with a higher fee
  status     text not null default 'waiting' check (status in ('waiting', 'signed', 'refused', 'withdrawn')),
  reason     text not null default '',
  created_at timestamptz not null default now(),
  decided_at timestamptz,
  primary key (book_id, id),
  foreign key (book_id, payment_id) references chain_payments,
  constraint signing_requests_decided check ((status = 'waiting') = (decided_at is null))
);
create unique index signing_requests_waiting on signing_requests (book_id, payment_id) where status = 'waiting';

-- What was signed. Stored before anything is broadcast; only these bytes are ever sent. `dead`: proven never to be mined.
create table chain_transactions (
  book_id      integer not null references books,
  id           uuid not null,
  payment_id   uuid not null,
  network      text not null,
  from_address text not null,
  nonce        bigint check (nonce >= 0),   -- EVM
  expires_at   timestamptz,                 -- TRON
  tx_hash      text not null,
  raw          text not null,
  draft        jsonb not null,
  replaces     uuid,
  status       text not null default 'signed' check (status in ('signed', 'sent', 'mined', 'final', 'dead')),
  success      boolean,                     -- of a mined one
  block_number bigint,
  block_hash   text,
  fee_paid     numeric(78),                 -- chain units of the network's coin, of a mined one
  signed_at    timestamptz not null default now(),
  finals       integer not null default 0,  -- how often it was final: a deep reorganisation makes it more than once
  sent_at      timestamptz,                 -- when it was first handed to a node, noted before the call
  last_sent_at timestamptz,
  primary key (book_id, id),
  foreign key (book_id, payment_id) references chain_payments,
  constraint chain_transactions_hash unique (book_id, network, tx_hash),
  constraint chain_transactions_ends check ((nonce is null) <> (expires_at is null)),
  constraint chain_transactions_mined check (
    (status in ('mined', 'final')) = (block_number is not null and block_hash is not null and success is not null and fee_paid is not null))
);
create index chain_transactions_payment on chain_transactions (book_id, payment_id);
create index chain_transactions_open on chain_transactions (book_id, network, from_address, nonce) where status in ('signed', 'sent', 'mined');
create index chain_transactions_signed on chain_transactions (book_id, network, from_address, signed_at);
create index chain_transactions_final on chain_transactions (book_id, network, block_number) where status = 'final';
-- one payment a nonce: two live transactions with one nonce belong to one payment, or to it and to the nonce_fill that is
-- to take its place (checked by signer_accept)

-- ------------------------------------------------------------------------------------------------------------------

-- Makes a payment, once per order; answers its id (the earlier one's, if there is one).
create function chain_payment_open(
  p_book integer, p_id uuid, p_network text, p_order_kind text, p_order_id uuid, p_asset text, p_from_purpose text,
  p_from_index integer, p_from text, p_to text, p_value numeric, p_mac bytea, p_at timestamptz
) returns uuid
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  made uuid;
begin
  insert into chain_payments (book_id, id, network, order_kind, order_id, asset, from_purpose, from_index, from_address, to_address,
                              value, approval_mac, created_at)
  values (p_book, p_id, p_network, p_order_kind, p_order_id, p_asset, p_from_purpose, p_from_index, p_from, p_to, p_value, p_mac, p_at)
  on conflict on constraint chain_payments_once do nothing returning id into made;
  if made is null then
    select id into made from chain_payments where book_id = p_book and order_kind = p_order_kind and order_id = p_order_id;
  else
    insert into chain_payment_events (book_id, payment_id, no, to_status, at) values (p_book, made, 1, 'ready', p_at);
  end if;
  return made;
end $$;

-- Locks a payment until the transaction ends.
create function chain_payment_lock(p_book integer, p_id uuid) returns setof chain_payments
language sql security definer set search_path = public, pg_temp as $$
  select * from chain_payments where book_id = p_book and id = p_id for no key update
$$;

-- Moves a payment that still is in the first state; answers whether it was. To `ready` and `void` only while nothing that
-- was signed for it can still be mined; to `mined`, `confirmed` and `failed` only with a transaction that is.
create function chain_payment_move(
  p_book integer, p_id uuid, p_from text, p_to text, p_tx uuid, p_reason text, p_at timestamptz
) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  tx chain_transactions;
begin
  if p_to = 'signed' or not exists (select from chain_payment_transitions t where t.from_status = p_from and t.to_status = p_to) then
    raise exception 'a chain payment cannot go from % to %', p_from, p_to
      using errcode = 'check_violation', constraint = 'chain_payment_transitions';
  end if;
  perform from chain_payments where book_id = p_book and id = p_id and status = p_from for no key update;
  if not found then
    return false;
  end if;
  if p_to in ('ready', 'void') and exists (
      select from chain_transactions t where t.book_id = p_book and t.payment_id = p_id and t.status <> 'dead') then
    raise exception 'what was signed for this payment may still be mined' using errcode = 'check_violation', constraint = 'chain_payments_dead';
  end if;
  select * into tx from chain_transactions t where t.book_id = p_book and t.payment_id = p_id and t.id = p_tx;
  if p_to in ('mined', 'confirmed', 'failed') and not coalesce(
      case p_to when 'mined' then tx.status = 'mined' else tx.status = 'final' and tx.success = (p_to = 'confirmed') end, false) then
    raise exception 'no transaction of this payment is %', p_to using errcode = 'check_violation', constraint = 'chain_payments_proof';
  end if;
  if p_to = 'void' then
    update signing_requests set status = 'withdrawn', decided_at = p_at where book_id = p_book and payment_id = p_id and status = 'waiting';
  end if;
  update chain_payments
  set status = p_to, reason = p_reason, told = p_to, tx_id = coalesce(tx.id, tx_id),
      -- a wish to start again is fulfilled, and one that came too late is over: the money has moved
      give_up = case when p_to in ('confirmed', 'failed') or p_to = 'ready' and give_up = 'again' then null else give_up end,
      settled_at = case when p_to in ('confirmed', 'failed', 'void') then p_at end
  where book_id = p_book and id = p_id;
  insert into chain_payment_events (book_id, payment_id, no, from_status, to_status, tx_hash, reason, at)
  select p_book, p_id, 1 + count(*), p_from, p_to, tx.tx_hash, p_reason, p_at
  from chain_payment_events e where e.book_id = p_book and e.payment_id = p_id;
  return true;
end $$;

-- Says why a payment that is ready has to wait (no gas, no funds, money out stopped).
create function chain_payment_wait(p_book integer, p_id uuid, p_reason text) returns void
language sql security definer set search_path = public, pg_temp as $$
  update chain_payments set reason = p_reason where book_id = p_book and id = p_id and status = 'ready' and reason <> p_reason
$$;

-- Notes that the order was told of a state that the signer put the payment in; answers whether it still is in it.
create function chain_payment_told(p_book integer, p_id uuid, p_status text) returns boolean
language sql security definer set search_path = public, pg_temp as $$
  with told as (update chain_payments set told = p_status where book_id = p_book and id = p_id and status = p_status returning 1)
  select exists (select from told)
$$;

-- An operator's wish that no more is done for a payment. The loop carries it out, as far as the chain still lets it.
create function chain_payment_give_up(p_book integer, p_id uuid, p_then text) returns boolean
language sql security definer set search_path = public, pg_temp as $$
  with marked as (
    update chain_payments set give_up = p_then
    where book_id = p_book and id = p_id and status in ('ready', 'refused', 'signed', 'broadcast', 'uncertain')
      and order_kind <> 'nonce_fill' and (p_then = 'void' or status <> 'ready') returning 1)
  select exists (select from marked)
$$;

-- Moves a signed transaction that still is in the first state; answers whether it was. Where it stands in the chain is
-- given with `mined` and kept with `final`.
create function chain_transaction_move(
  p_book integer, p_id uuid, p_from text, p_to text, p_success boolean, p_block_number bigint, p_block_hash text, p_fee numeric, p_at timestamptz
) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  moved integer;
begin
  if (p_from, p_to) not in (('signed', 'sent'), ('signed', 'mined'), ('signed', 'dead'), ('sent', 'sent'), ('sent', 'mined'), ('sent', 'dead'),
                            ('mined', 'sent'), ('mined', 'mined'), ('mined', 'final'), ('final', 'sent'), ('dead', 'sent')) then
    raise exception 'a chain transaction cannot go from % to %', p_from, p_to
      using errcode = 'check_violation', constraint = 'chain_transaction_transitions';
  end if;
  update chain_transactions set
    status = p_to,
    success = case p_to when 'mined' then p_success when 'final' then success end,
    block_number = case p_to when 'mined' then p_block_number when 'final' then block_number end,
    block_hash = case p_to when 'mined' then p_block_hash when 'final' then block_hash end,
    fee_paid = case p_to when 'mined' then p_fee when 'final' then fee_paid end,
    finals = finals + (p_to = 'final')::integer,
    sent_at = case when p_to = 'sent' then coalesce(sent_at, p_at) else sent_at end,
    last_sent_at = case when p_to = 'sent' then p_at else last_sent_at end
  where book_id = p_book and id = p_id and status = p_from;
  get diagnostics moved = row_count;
  return moved = 1;
end $$;

-- The signer's answer to a request: what it signed. Takes the nonce, stores the bytes and moves the payment, together.
create function signer_accept(
  p_book integer, p_request uuid, p_tx uuid, p_nonce bigint, p_expires timestamptz, p_hash text, p_raw text
) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  asked signing_requests;
  payment chain_payments;
  old chain_transactions;
begin
  select p.* into payment from chain_payments p join signing_requests r on r.book_id = p.book_id and r.payment_id = p.id
  where r.book_id = p_book and r.id = p_request for no key update of p;
  select * into asked from signing_requests where book_id = p_book and id = p_request and status = 'waiting' for no key update;
  if asked.id is null then
    raise exception 'the request does not wait for a signature' using errcode = 'check_violation', constraint = 'signing_requests_waiting';
  end if;
  if asked.replaces is null then
    if payment.status <> 'ready' or exists (
        select from chain_transactions t where t.book_id = p_book and t.payment_id = payment.id and t.status <> 'dead') then
      raise exception 'the payment has a transaction that may be mined' using errcode = 'check_violation', constraint = 'chain_payments_dead';
    end if;
    if p_nonce is not null then
      insert into wallet_nonces (book_id, network, address, next) values (p_book, payment.network, payment.from_address, p_nonce + 1)
      on conflict (book_id, network, address) do update set next = excluded.next where wallet_nonces.next <= p_nonce;
      if not found then
        raise exception 'nonce % is taken', p_nonce using errcode = 'serialization_failure';
      end if;
    end if;
  else
    select * into old from chain_transactions t
    where t.book_id = p_book and t.id = asked.replaces and t.network = payment.network and t.from_address = payment.from_address
      and (t.payment_id = payment.id or payment.order_kind = 'nonce_fill');
    if old.id is null or payment.status not in ('ready', 'signed', 'broadcast', 'uncertain') or old.status not in ('signed', 'sent') or p_nonce is null or old.nonce <> p_nonce then
      raise exception 'only a transaction that waits is replaced, with its own nonce' using errcode = 'check_violation', constraint = 'chain_transactions_replace';
    end if;
  end if;
  insert into chain_transactions (book_id, id, payment_id, network, from_address, nonce, expires_at, tx_hash, raw, draft, replaces)
  values (p_book, p_tx, payment.id, payment.network, payment.from_address, p_nonce, p_expires, p_hash, p_raw, asked.draft, asked.replaces);
  update signing_requests set status = 'signed', decided_at = now() where book_id = p_book and id = p_request;
  update chain_payments set tx_id = p_tx where book_id = p_book and id = payment.id;
  if payment.status = 'ready' then  -- also a nonce_fill, which replaces another payment's
    update chain_payments set status = 'signed', reason = '' where book_id = p_book and id = payment.id;
    insert into chain_payment_events (book_id, payment_id, no, from_status, to_status, tx_hash, at)
    select p_book, payment.id, 1 + count(*), 'ready', 'signed', p_hash, now()
    from chain_payment_events e where e.book_id = p_book and e.payment_id = payment.id;
  end if;
end $$;

-- The signer's other answer. `p_final`: it will never sign this payment (policy); else the same may be asked again later.
create function signer_refuse(p_book integer, p_request uuid, p_reason text, p_final boolean) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  payment uuid;
begin
  update signing_requests set status = 'refused', reason = p_reason, decided_at = now()
  where book_id = p_book and id = p_request and status = 'waiting' returning payment_id into payment;
  if payment is null or not p_final then
    return;
  end if;
  update chain_payments set status = 'refused', reason = p_reason where book_id = p_book and id = payment and status = 'ready';
  if found then
    insert into chain_payment_events (book_id, payment_id, no, from_status, to_status, reason, at)
    select p_book, payment, 1 + count(*), 'ready', 'refused', p_reason, now()
    from chain_payment_events e where e.book_id = p_book and e.payment_id = payment;
  end if;
end $$;

-- Chain units of coin that are finer than the ledger's unit: what the books hold plus this is what is on chain.
alter table chain_states add column coin_dust numeric(78) not null default 0;

-- Who advances the network's payments for the next while. Saves the others' work; nothing hangs on it.
alter table chain_states add column payer text, add column paying_until timestamptz;

revoke execute on function chain_payment_open, chain_payment_lock, chain_payment_move, chain_payment_wait, chain_payment_told, chain_payment_give_up,
  chain_transaction_move, signer_accept, signer_refuse from public;
grant execute on function chain_payment_open, chain_payment_lock, chain_payment_move, chain_payment_wait, chain_payment_told, chain_payment_give_up,
  chain_transaction_move to unipay_app;
grant execute on function signer_accept, signer_refuse to unipay_signer;
grant usage on schema public to unipay_signer;
grant select on chain_payments, chain_transactions, signing_requests, wallet_nonces, deposit_keys, deposit_addresses, house_addresses, books, schema_migrations
  to unipay_signer;
grant select on chain_payment_transitions, chain_payments, chain_payment_events, chain_transactions, signing_requests, wallet_nonces to unipay_app;
grant insert on signing_requests to unipay_app;
