-- Cards: accounts at the issuer, top-ups onto them, the cards themselves, and what the issuer says was done with them.
-- Orders are moved along their tables by the functions below alone. What the issuer says of a payment is kept by its own
-- id and only ever gets surer; the money follows from the set of it, not from the order in which it came.

-- --- the account: a customer as cardholder ---

create table card_account_transitions (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into card_account_transitions (from_status, to_status) values
  ('applying', 'incomplete'), ('applying', 'success'), ('applying', 'failed'),
  ('incomplete', 'applying'), ('incomplete', 'success'), ('incomplete', 'failed'),
  ('failed', 'applying'), ('failed', 'success');

create table card_accounts (
  book_id            integer not null references books,
  person_no          bigint not null,
  id                 uuid not null,              -- of the application under way: what the issuer is asked under
  status             text not null check (status in ('applying', 'incomplete', 'success', 'failed')),
  reason             text not null default '',   -- a word of ours
  cardholder_id      text check (length(cardholder_id) between 1 and 100),
  application_sealed bytea,                       -- what the customer filled in, until the issuer has it
  idv_url_sealed     bytea,
  idv_expires_at     timestamptz,
  round              integer not null default 1, -- grows when it is applied for again
  created_at         timestamptz not null,
  changed_at         timestamptz not null,
  primary key (book_id, person_no),
  constraint card_accounts_holder check (status in ('applying', 'failed') or cardholder_id is not null),
  -- personal data is kept no longer than it is needed to apply
  constraint card_accounts_application check (application_sealed is null or status = 'applying'),
  constraint card_accounts_link check (idv_url_sealed is null or status in ('applying', 'incomplete'))
);
create unique index card_accounts_holders on card_accounts (book_id, cardholder_id) where cardholder_id is not null;
create index card_accounts_open on card_accounts (book_id, changed_at) where status in ('applying', 'incomplete');

create table card_account_events (
  book_id     integer not null,
  person_no   bigint not null,
  no          integer not null,
  from_status text,
  to_status   text not null,
  reason      text not null default '',
  at          timestamptz not null,
  primary key (book_id, person_no, no)
);

-- --- cards ---

create table card_transitions (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into card_transitions (from_status, to_status) values
  ('requested', 'pending'), ('requested', 'uncertain'), ('requested', 'failed'),
  ('uncertain', 'pending'), ('uncertain', 'failed'),
  ('pending', 'active'), ('pending', 'failed'),
  ('active', 'frozen'), ('active', 'blocked'), ('active', 'cancelled'), ('active', 'lost'), ('active', 'stolen'),
  ('frozen', 'active'), ('frozen', 'blocked'), ('frozen', 'cancelled'), ('frozen', 'lost'), ('frozen', 'stolen'),
  ('blocked', 'active'), ('blocked', 'frozen'), ('blocked', 'cancelled'), ('blocked', 'lost'), ('blocked', 'stolen');

create table cards (
  book_id         integer not null references books,
  id              uuid not null,
  person_no       bigint not null,
  status          text not null default 'requested' check (status in
    ('requested', 'uncertain', 'pending', 'active', 'frozen', 'blocked', 'cancelled', 'lost', 'stolen', 'failed')),
  reason          text not null default '',
  cardholder_id   text not null,
  product_id      text not null,
  currency        text not null check (currency = 'USD'),
  issuer_card_id  text check (length(issuer_card_id) between 1 and 100),
  issuer_order_id text check (length(issuer_order_id) between 1 and 100),
  last4           text check (last4 ~ '^[0-9]{4}$'),   -- all that is ever known here of its number
  statement_at    timestamptz,                   -- how far its statement was read
  created_at      timestamptz not null,
  changed_at      timestamptz not null,
  primary key (book_id, id),
  constraint cards_issued check (status in ('requested', 'uncertain', 'failed') or issuer_card_id is not null)
);
create index cards_person on cards (book_id, person_no, id);
create unique index cards_issuer on cards (book_id, issuer_card_id) where issuer_card_id is not null;
create index cards_open on cards (book_id, changed_at) where status in ('requested', 'uncertain', 'pending');
create index cards_statement on cards (book_id, statement_at nulls first) where issuer_card_id is not null;
-- money is topped up to the account and goes onto its one card
create unique index cards_live on cards (book_id, person_no) where status not in ('cancelled', 'lost', 'stolen', 'failed');

create table card_events (
  book_id     integer not null,
  card_id     uuid not null,
  no          integer not null,
  from_status text,
  to_status   text not null,
  reason      text not null default '',
  at          timestamptz not null,
  primary key (book_id, card_id, no)
);

-- --- top-ups: from a customer's account onto the card, through the issuer ---

create table card_topup_transitions (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into card_topup_transitions (from_status, to_status) values
  ('held', 'sent'), ('held', 'uncertain'), ('held', 'completed'), ('held', 'failed'),
  ('uncertain', 'sent'), ('uncertain', 'completed'), ('uncertain', 'failed'),
  ('sent', 'completed'), ('sent', 'failed');

-- Paid in before there is a card, a top-up is `completed` at once: it waits on the card account. When the card is there,
-- what waits is put onto it by a top-up from `card`.
create table card_topups (
  book_id         integer not null references books,
  id              uuid not null,
  person_no       bigint not null,
  from_account    text not null check (from_account in ('main', 'node', 'card')),
  card_id         uuid,
  amount          bigint not null check (amount > 0 and amount % 10000 = 0),   -- the issuer counts in cents
  fee             bigint not null check (fee >= 0),
  status          text not null check (status in ('held', 'sent', 'uncertain', 'completed', 'failed')),
  reason          text not null default '',
  hold_id         uuid,
  journal_id      uuid,
  issuer_order_id text check (length(issuer_order_id) between 1 and 100),
  created_at      timestamptz not null,
  changed_at      timestamptz not null,
  primary key (book_id, id),
  constraint card_topups_card check (card_id is not null or status = 'completed'),
  constraint card_topups_hold check ((hold_id is null) = (card_id is null)),
  constraint card_topups_fee check (from_account <> 'card' or fee = 0 and card_id is not null and journal_id is null),
  constraint card_topups_journal check (from_account = 'card' or (status = 'completed') = (journal_id is not null))
);
create index card_topups_person on card_topups (book_id, person_no, id);
create index card_topups_open on card_topups (book_id, changed_at) where status in ('held', 'sent', 'uncertain');
create unique index card_topups_issuer on card_topups (book_id, issuer_order_id) where issuer_order_id is not null;

create table card_topup_events (
  book_id     integer not null,
  topup_id    uuid not null,
  no          integer not null,
  from_status text,
  to_status   text not null,
  reason      text not null default '',
  at          timestamptz not null,
  primary key (book_id, topup_id, no)
);

-- --- what was done with cards, as the issuer tells it ---

create table card_transaction_transitions (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into card_transaction_transitions (from_status, to_status) values
  ('PENDING', 'APPROVED'), ('PENDING', 'DECLINED'),
  -- only where the issuer's statement says otherwise than its messages did; see the guard
  ('APPROVED', 'DECLINED'), ('DECLINED', 'APPROVED');

create table card_transactions (
  book_id        integer not null references books,
  transaction_id text not null check (length(transaction_id) between 1 and 100),  -- the issuer's
  card_id        uuid not null,
  person_no      bigint not null,
  original_id    text check (length(original_id) between 1 and 100),
  family         text not null,                 -- the transaction that its chain of originals ends in
  type           text not null check (length(type) between 1 and 60),
  kind           text not null check (kind in ('authorize', 'release', 'expire', 'capture', 'refund', 'fee', 'unknown')),
  status         text not null check (status in ('APPROVED', 'DECLINED', 'PENDING')),
  amount         bigint not null check (amount >= 0),
  available      bigint,                         -- what the issuer says the card had left after it
  details_sealed bytea not null,                 -- merchant and description
  at             timestamptz not null,           -- the issuer's
  statement_at   timestamptz,                    -- when the issuer's statement was read that has it as it is here
  first_seen_at  timestamptz not null,
  primary key (book_id, transaction_id)
);
create index card_transactions_family on card_transactions (book_id, card_id, family);
create index card_transactions_person on card_transactions (book_id, person_no, at, transaction_id);

create function card_transactions_guard() returns trigger language plpgsql as $$
begin
  if (new.book_id, new.transaction_id, new.card_id, new.person_no, new.first_seen_at)
     is distinct from (old.book_id, old.transaction_id, old.card_id, old.person_no, old.first_seen_at) then
    raise exception 'a card transaction stays that of its card' using errcode = 'check_violation';
  end if;
  if new.status <> old.status then
    if not exists (select from card_transaction_transitions t where t.from_status = old.status and t.to_status = new.status) then
      raise exception 'a card transaction cannot go from % to %', old.status, new.status
        using errcode = 'check_violation', constraint = 'card_transaction_transitions';
    end if;
    if old.status <> 'PENDING' and new.statement_at is null then
      raise exception 'only the statement changes what was final' using errcode = 'check_violation';
    end if;
  end if;
  -- a later reading of the statement replaces an earlier one, never the other way round
  if new.statement_at < old.statement_at then
    raise exception 'an older statement does not replace a newer one' using errcode = 'check_violation';
  end if;
  return new;
end $$;
create trigger card_transactions_guard before update on card_transactions
  for each row execute function card_transactions_guard();

-- What a family of transactions comes to: worked out from the set of them.
create table card_payments (
  book_id   integer not null,
  card_id   uuid not null,
  family    text not null,
  person_no bigint not null,
  open      bigint not null check (open >= 0),   -- authorised and neither captured, released nor expired
  taken     bigint not null,                     -- captured and charged, less refunded
  confirmed bigint not null,                     -- of that, what the statement has shown
  primary key (book_id, card_id, family)
);
create index card_payments_open on card_payments (book_id, person_no) where open > 0;

-- Where a customer's card money stands: the sums of the above, and how far the ledger could follow them.
create table card_balances (
  book_id   integer not null references books,
  person_no bigint not null,
  id        uuid not null,                       -- the order that card journals and the hold belong to
  open      bigint not null default 0 check (open >= 0),
  taken     bigint not null default 0,
  confirmed bigint not null default 0,
  owed      bigint not null default 0 check (owed >= 0),  -- taken by the issuer when it was not there any more
  hold_id   uuid,                                -- of as much of `open` as there is money for
  step      bigint not null default 0,           -- counts journals
  primary key (book_id, person_no)
);
create unique index card_balances_id on card_balances (book_id, id);

-- ------------------------------------------------------------------------------------------------------------------

create function card_account_move(p_book integer, p_person bigint, p_from text, p_to text, p_reason text, p_at timestamptz)
returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not exists (select from card_account_transitions t where t.from_status = p_from and t.to_status = p_to) then
    raise exception 'a card account cannot go from % to %', p_from, p_to
      using errcode = 'check_violation', constraint = 'card_account_transitions';
  end if;
  update card_accounts
  set status = p_to, reason = p_reason, changed_at = p_at,
      application_sealed = case when p_to = 'applying' then application_sealed end,
      idv_url_sealed = case when p_to in ('applying', 'incomplete') then idv_url_sealed end,
      idv_expires_at = case when p_to in ('applying', 'incomplete') then idv_expires_at end
  where book_id = p_book and person_no = p_person and status = p_from;
  if not found then
    return false;
  end if;
  insert into card_account_events (book_id, person_no, no, from_status, to_status, reason, at)
  select p_book, p_person, 1 + count(*), p_from, p_to, p_reason, p_at
  from card_account_events e where e.book_id = p_book and e.person_no = p_person;
  return true;
end $$;

-- Opens an account, or applies again for one that failed or whose link ran out, under a new id.
create function card_account_apply(
  p_book integer, p_person bigint, p_id uuid, p_application bytea, p_at timestamptz
) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  was text;
begin
  insert into card_accounts (book_id, person_no, id, status, application_sealed, created_at, changed_at)
  values (p_book, p_person, p_id, 'applying', p_application, p_at, p_at)
  on conflict (book_id, person_no) do nothing;
  if not found then
    select status into was from card_accounts
    where book_id = p_book and person_no = p_person and status in ('failed', 'incomplete') for no key update;
    if not found then
      return false;
    end if;
    update card_accounts
    set id = p_id, status = 'applying', reason = '', application_sealed = p_application, round = round + 1,
        cardholder_id = case when status = 'incomplete' then cardholder_id end,
        idv_url_sealed = null, idv_expires_at = null, changed_at = p_at
    where book_id = p_book and person_no = p_person;
  end if;
  insert into card_account_events (book_id, person_no, no, from_status, to_status, at)
  select p_book, p_person, 1 + count(*), was, 'applying', p_at
  from card_account_events e where e.book_id = p_book and e.person_no = p_person;
  return true;
end $$;

create function card_request(
  p_book integer, p_id uuid, p_person bigint, p_cardholder text, p_product text, p_currency text, p_at timestamptz
) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not exists (select from card_accounts a where a.book_id = p_book and a.person_no = p_person and a.status = 'success'
                 and a.cardholder_id = p_cardholder) then
    raise exception 'a card belongs to an account that is open' using errcode = 'check_violation', constraint = 'cards_account';
  end if;
  insert into cards (book_id, id, person_no, cardholder_id, product_id, currency, created_at, changed_at)
  values (p_book, p_id, p_person, p_cardholder, p_product, p_currency, p_at, p_at);
  insert into card_events (book_id, card_id, no, to_status, at) values (p_book, p_id, 1, 'requested', p_at);
end $$;

create function card_move(
  p_book integer, p_id uuid, p_from text, p_to text, p_reason text, p_issuer_card text, p_issuer_order text, p_last4 text,
  p_at timestamptz
) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not exists (select from card_transitions t where t.from_status = p_from and t.to_status = p_to) then
    raise exception 'a card cannot go from % to %', p_from, p_to using errcode = 'check_violation', constraint = 'card_transitions';
  end if;
  update cards
  set status = p_to, reason = p_reason, changed_at = p_at,
      issuer_card_id = coalesce(issuer_card_id, p_issuer_card),
      issuer_order_id = coalesce(issuer_order_id, p_issuer_order),
      last4 = coalesce(p_last4, last4)
  where book_id = p_book and id = p_id and status = p_from
    and (issuer_card_id is null or p_issuer_card is null or issuer_card_id = p_issuer_card);
  if not found then
    return false;
  end if;
  insert into card_events (book_id, card_id, no, from_status, to_status, reason, at)
  select p_book, p_id, 1 + count(*), p_from, p_to, p_reason, p_at
  from card_events e where e.book_id = p_book and e.card_id = p_id;
  return true;
end $$;

-- Writes a top-up: with its card and the hold of its money, or completed with its journal while there is no card.
create function card_topup_submit(
  p_book integer, p_id uuid, p_person bigint, p_from text, p_card uuid, p_amount bigint, p_fee bigint, p_hold uuid,
  p_journal uuid, p_at timestamptz
) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  state text := case when p_card is null then 'completed' else 'held' end;
begin
  if p_card is not null and not exists (
      select from holds h where h.book_id = p_book and h.id = p_hold and h.status = 'open' and h.captured = 0
        and h.amount = p_amount + p_fee and h.order_kind = 'card_topup' and h.order_id = p_id and h.account_id >> 16 = p_person
        and h.account_id >> 8 & 255 = case p_from when 'main' then 1 when 'node' then 2 else 3 end) then
    raise exception 'the money of a top-up is held first' using errcode = 'check_violation', constraint = 'card_topups_hold';
  end if;
  if p_card is null and not exists (
      select from journals j where j.book_id = p_book and j.id = p_journal and j.kind = 'card_topup' and j.order_id = p_id) then
    raise exception 'a completed top-up has its journal' using errcode = 'check_violation', constraint = 'card_topups_journal';
  end if;
  insert into card_topups (book_id, id, person_no, from_account, card_id, amount, fee, status, hold_id, journal_id, created_at, changed_at)
  values (p_book, p_id, p_person, p_from, p_card, p_amount, p_fee, state, p_hold, p_journal, p_at, p_at);
  insert into card_topup_events (book_id, topup_id, no, to_status, at) values (p_book, p_id, 1, state, p_at);
end $$;

create function card_topup_move(
  p_book integer, p_id uuid, p_from text, p_to text, p_reason text, p_journal uuid, p_issuer_order text, p_at timestamptz
) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  t card_topups;
begin
  if not exists (select from card_topup_transitions x where x.from_status = p_from and x.to_status = p_to) then
    raise exception 'a top-up cannot go from % to %', p_from, p_to
      using errcode = 'check_violation', constraint = 'card_topup_transitions';
  end if;
  select * into t from card_topups where book_id = p_book and id = p_id and status = p_from for no key update;
  if not found then
    return false;
  end if;
  if p_to in ('completed', 'failed') and exists (
      select from holds h where h.book_id = p_book and h.id = t.hold_id and h.status = 'open') then
    raise exception 'a top-up that has ended holds nothing' using errcode = 'check_violation', constraint = 'card_topups_hold';
  end if;
  if p_to = 'completed' and t.from_account <> 'card' and not exists (
      select from journals j where j.book_id = p_book and j.id = p_journal and j.kind = 'card_topup' and j.order_id = p_id) then
    raise exception 'a completed top-up has its journal' using errcode = 'check_violation', constraint = 'card_topups_journal';
  end if;
  update card_topups
  set status = p_to, reason = p_reason, changed_at = p_at, journal_id = p_journal,
      issuer_order_id = coalesce(issuer_order_id, p_issuer_order)
  where book_id = p_book and id = p_id;
  insert into card_topup_events (book_id, topup_id, no, from_status, to_status, reason, at)
  select p_book, p_id, 1 + count(*), p_from, p_to, p_reason, p_at
  from card_topup_events e where e.book_id = p_book and e.topup_id = p_id;
  return true;
end $$;

revoke execute on function card_account_move, card_account_apply, card_request, card_move, card_topup_submit, card_topup_move,
  card_transactions_guard from public;
grant execute on function card_account_move, card_account_apply, card_request, card_move, card_topup_submit, card_topup_move
  to unipay_app;
grant select on card_account_transitions, card_accounts, card_account_events, card_transitions, cards, card_events,
  card_topup_transitions, card_topups, card_topup_events, card_transaction_transitions, card_transactions, card_payments,
  card_balances to unipay_app;
-- what the issuer answers, beside the state; and locking
grant update (cardholder_id, idv_url_sealed, idv_expires_at, application_sealed, changed_at) on card_accounts to unipay_app;
grant update (changed_at, statement_at) on cards to unipay_app;
grant update (changed_at) on card_topups to unipay_app;
grant insert on card_transactions, card_payments, card_balances to unipay_app;
grant update (original_id, family, type, kind, status, amount, available, details_sealed, at, statement_at)
  on card_transactions to unipay_app;
grant update (open, taken, confirmed) on card_payments to unipay_app;
grant update (open, taken, confirmed, owed, hold_id, step) on card_balances to unipay_app;
