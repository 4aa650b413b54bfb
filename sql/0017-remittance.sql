-- Remittances to bank accounts in China: the directory of banks, exchange rates, recipients with their reviews, quotes and
-- orders. What a state may follow on, and what must be there when it does (hold, journals, payout), is decided by the
-- triggers below, for everybody who writes, the owner in psql included. Each step writes its own line of the history.

-- Reference data, the same for all books; see data/banks.
create table banks (
  code       text primary key check (code ~ '^[A-Z0-9]{2,12}$'),
  name_zh    text not null,
  name_en    text not null,
  swift      text not null check (swift ~ '^[A-Z]{6}[A-Z0-9]{2}([A-Z0-9]{3})?$'),
  search     text not null,                      -- lower case: code, SWIFT, both names, pinyin, initials of the pinyin
  source     text not null,
  updated_at timestamptz not null
);
create table bank_branches (
  cnaps      text primary key check (cnaps ~ '^[0-9]{12}$'),
  bank_code  text not null references banks,
  name       text not null,
  search     text not null,
  source     text not null,
  updated_at timestamptz not null
);
create index bank_branches_bank on bank_branches (bank_code, cnaps);

-- What one unit of the first currency was worth in the second, in millionths.
create table exchange_rates (
  pair       text not null,
  at         timestamptz not null,               -- as the source says
  rate       bigint not null check (rate > 0),
  source     text not null,
  fetched_at timestamptz not null,
  primary key (pair, at)
);

-- ------------------------------------------------------------------------------------------------------------------

create table remittance_recipient_transitions (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into remittance_recipient_transitions (from_status, to_status) values
  ('pending', 'approved'), ('pending', 'rejected'), ('approved', 'pending'), ('rejected', 'pending');

create table remittance_recipients (
  book_id        integer not null references books,
  id             uuid not null,
  person_no      bigint not null,
  version        integer not null default 1,     -- grows with each change of what a review looked at
  details_sealed bytea not null,
  nickname_sealed bytea,
  account_index  bytea not null,                 -- blind: the same account twice meets itself, nothing else can be read
  bank_code      text not null references banks,
  review_status  text not null default 'pending' check (review_status in ('pending', 'approved', 'rejected')),
  status         text not null default 'active' check (status in ('active', 'inactive')),
  reason         text not null default '',       -- a word of ours; customers read its sentence
  note           text not null default '',       -- the operators' own; never shown to the customer
  approval_id    uuid,                           -- what operators were asked last
  beneficiary_id text,                           -- at the vendor; of this version
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  primary key (book_id, id),
  constraint remittance_recipients_review check (status = 'inactive' or review_status <> 'pending' or approval_id is not null)
);
create unique index remittance_recipients_once on remittance_recipients (book_id, person_no, account_index) where status = 'active';
create index remittance_recipients_person on remittance_recipients (book_id, person_no, id);
create index remittance_recipients_queue on remittance_recipients (book_id, review_status, id) where status = 'active';

create table remittance_recipient_events (
  book_id      integer not null,
  recipient_id uuid not null,
  no           integer not null,
  version      integer not null,
  review_status text not null,
  status       text not null,
  reason       text not null,
  note         text not null,
  at           timestamptz not null,
  primary key (book_id, recipient_id, no)
);

create function remittance_recipient_step() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    if (new.review_status, new.status, new.version) <> ('pending', 'active', 1) then
      raise exception 'a recipient begins with a review' using errcode = 'check_violation', constraint = 'remittance_recipient_transitions';
    end if;
    return new;
  end if;
  if (new.book_id, new.id, new.person_no, new.created_at) is distinct from (old.book_id, old.id, old.person_no, old.created_at) then
    raise exception 'a recipient stays whose it is' using errcode = 'check_violation', constraint = 'remittance_recipients_fixed';
  end if;
  if old.status = 'inactive' and (to_jsonb(new) - '{details_sealed,nickname_sealed}'::text[] is distinct from to_jsonb(old) - '{details_sealed,nickname_sealed}'::text[]) then
    raise exception 'a recipient that was removed stays as it is' using errcode = 'check_violation', constraint = 'remittance_recipient_transitions';
  end if;
  if new.review_status <> old.review_status and not exists (
      select from remittance_recipient_transitions t where t.from_status = old.review_status and t.to_status = new.review_status) then
    raise exception 'the review of a recipient cannot go from % to %', old.review_status, new.review_status
      using errcode = 'check_violation', constraint = 'remittance_recipient_transitions';
  end if;
  if new.version <> old.version then
    if new.version <> old.version + 1 or new.review_status <> 'pending' or new.beneficiary_id is not null then
      raise exception 'what is changed is reviewed anew' using errcode = 'check_violation', constraint = 'remittance_recipients_version';
    end if;
  elsif (new.account_index, new.bank_code) is distinct from (old.account_index, old.bank_code) -- sealed anew is not changed
      or (old.review_status <> 'pending' and new.review_status = 'pending') then
    raise exception 'what is changed is another version' using errcode = 'check_violation', constraint = 'remittance_recipients_version';
  end if;
  return new;
end $$;
create trigger remittance_recipient_step before insert or update on remittance_recipients
  for each row execute function remittance_recipient_step();

create function remittance_recipient_note() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if tg_op = 'UPDATE' and (new.version, new.review_status, new.status) = (old.version, old.review_status, old.status) then
    return null;
  end if;
  insert into remittance_recipient_events (book_id, recipient_id, no, version, review_status, status, reason, note, at)
  select new.book_id, new.id, 1 + count(*), new.version, new.review_status, new.status, new.reason, new.note, new.updated_at
  from remittance_recipient_events e where e.book_id = new.book_id and e.recipient_id = new.id;
  return null;
end $$;
create trigger remittance_recipient_note after insert or update on remittance_recipients
  for each row execute function remittance_recipient_note();

-- ------------------------------------------------------------------------------------------------------------------

-- What a customer was shown; a submission is held against it.
create table remittance_quotes (
  book_id      integer not null references books,
  id           uuid not null,
  person_no    bigint not null,
  recipient_id uuid not null,
  principal    bigint not null check (principal > 0),
  fee          bigint not null check (fee >= 0),
  rate         bigint not null check (rate > 0), -- CNH for one USDT, in millionths
  rate_at      timestamptz not null,
  cnh          bigint not null check (cnh > 0),  -- fen
  created_at   timestamptz not null,
  expires_at   timestamptz not null,
  primary key (book_id, id)
);
create index remittance_quotes_latest on remittance_quotes (book_id, person_no, recipient_id, principal, id);
create index remittance_quotes_due on remittance_quotes (book_id, created_at);

-- ------------------------------------------------------------------------------------------------------------------

create table remittance_transitions (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into remittance_transitions (from_status, to_status) values
  ('submitted', 'review'), ('submitted', 'queued'),
  ('review', 'queued'), ('review', 'rejected'),
  ('queued', 'processing'), ('queued', 'uncertain'), ('queued', 'failed'),
  ('uncertain', 'processing'), ('uncertain', 'failed'),
  ('processing', 'completed'), ('processing', 'failed'), ('processing', 'uncertain'),
  ('completed', 'returned');

create table remittances (
  book_id           integer not null references books,
  id                uuid not null,
  person_no         bigint not null,
  recipient_id      uuid not null,
  recipient_version integer not null,
  recipient_sealed  bytea not null,              -- as it was when the order was made
  principal         bigint not null check (principal > 0),
  fee               bigint not null check (fee >= 0),
  rate              bigint not null check (rate > 0),
  rate_at           timestamptz not null,
  cnh               bigint not null check (cnh > 0),
  status            text not null default 'submitted'
    check (status in ('submitted', 'review', 'queued', 'uncertain', 'processing', 'completed', 'failed', 'rejected', 'returned')),
  reason            text not null default '',
  note              text not null default '',    -- what the vendor or operators say; never shown to the customer
  hold_id           uuid not null,
  journal_id        uuid,                        -- took the money when the vendor had taken the payout on
  paid_journal_id   uuid,                        -- closed the clearing account when the bank had it
  returned_journal_id uuid,
  approval_id       uuid,
  payout_id         text,                        -- the vendor's
  vendor_status     text not null default '',
  looked_at         timestamptz not null,        -- when the vendor was last asked, or was about to be
  created_at        timestamptz not null,
  updated_at        timestamptz not null,
  settled_at        timestamptz,
  primary key (book_id, id),
  constraint remittances_review check (status <> 'review' or approval_id is not null),
  constraint remittances_settled check ((status in ('completed', 'failed', 'rejected', 'returned')) = (settled_at is not null))
);
create index remittances_person on remittances (book_id, person_no, id);
create index remittances_status on remittances (book_id, status, id);
create index remittances_open on remittances (book_id, looked_at) where status in ('queued', 'uncertain', 'processing', 'completed');
create unique index remittances_payout on remittances (book_id, payout_id) where payout_id is not null;

create table remittance_events (
  book_id       integer not null,
  remittance_id uuid not null,
  no            integer not null,
  from_status   text,
  to_status     text not null,
  reason        text not null,
  note          text not null,
  at            timestamptz not null,
  primary key (book_id, remittance_id, no)
);

create function remittance_step() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if tg_op = 'INSERT' then
    if new.status <> 'submitted' or not exists (
        select from holds h where h.book_id = new.book_id and h.id = new.hold_id and h.status = 'open' and h.captured = 0
          and h.amount = new.principal + new.fee and h.order_kind = 'remittance' and h.order_id = new.id
          and h.account_id >> 16 = new.person_no) then
      raise exception 'the money of a remittance is held first' using errcode = 'check_violation', constraint = 'remittances_hold';
    end if;
    return new;
  end if;
  if (new.book_id, new.id, new.person_no, new.recipient_id, new.recipient_version, new.principal, new.fee,
      new.rate, new.rate_at, new.cnh, new.hold_id, new.created_at) is distinct from
     (old.book_id, old.id, old.person_no, old.recipient_id, old.recipient_version, old.principal, old.fee,
      old.rate, old.rate_at, old.cnh, old.hold_id, old.created_at) then
    raise exception 'what was ordered stays as it is' using errcode = 'check_violation', constraint = 'remittances_fixed';
  end if;
  if old.payout_id is not null and new.payout_id is distinct from old.payout_id then
    raise exception 'a remittance is paid out once' using errcode = 'check_violation', constraint = 'remittances_payout_once';
  end if;
  if new.status = old.status then
    return new;
  end if;
  if not exists (select from remittance_transitions t where t.from_status = old.status and t.to_status = new.status) then
    raise exception 'a remittance cannot go from % to %', old.status, new.status
      using errcode = 'check_violation', constraint = 'remittance_transitions';
  end if;
  if new.status in ('processing', 'completed') and (new.payout_id is null or not exists (
      select from journals j where j.book_id = new.book_id and j.id = new.journal_id and j.kind = 'remittance' and j.order_id = new.id)) then
    raise exception 'a remittance under way has its payout and its journal' using errcode = 'check_violation', constraint = 'remittances_journal';
  end if;
  if new.status = 'completed' and not exists (
      select from journals j where j.book_id = new.book_id and j.id = new.paid_journal_id and j.kind = 'remittance_paid' and j.order_id = new.id) then
    raise exception 'a completed remittance has closed its clearing account' using errcode = 'check_violation', constraint = 'remittances_journal';
  end if;
  if new.status in ('failed', 'rejected') and (
      exists (select from holds h where h.book_id = new.book_id and h.id = new.hold_id and h.status = 'open')
      or new.journal_id is not null and not exists (
        select from journals j where j.book_id = new.book_id and j.reverses = new.journal_id)) then
    raise exception 'a remittance that is not paid gives its money back' using errcode = 'check_violation', constraint = 'remittances_hold';
  end if;
  if new.status = 'returned' and not exists (
      select from journals j where j.book_id = new.book_id and j.id = new.returned_journal_id and j.kind = 'remittance_returned' and j.order_id = new.id) then
    raise exception 'a returned remittance has credited what came back' using errcode = 'check_violation', constraint = 'remittances_journal';
  end if;
  return new;
end $$;
create trigger remittance_step before insert or update on remittances for each row execute function remittance_step();

create function remittance_note() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if tg_op = 'UPDATE' and new.status = old.status then
    return null;
  end if;
  insert into remittance_events (book_id, remittance_id, no, from_status, to_status, reason, note, at)
  select new.book_id, new.id, 1 + count(*), case when tg_op = 'UPDATE' then old.status end, new.status, new.reason, new.note, new.updated_at
  from remittance_events e where e.book_id = new.book_id and e.remittance_id = new.id;
  return null;
end $$;
create trigger remittance_note after insert or update on remittances for each row execute function remittance_note();

grant select on remittance_transitions, remittance_events, remittance_recipient_transitions, remittance_recipient_events to unipay_app;
grant select, insert, update on banks, bank_branches to unipay_app;
grant select, insert, delete on exchange_rates, remittance_quotes to unipay_app;
grant select, insert on remittance_recipients, remittances to unipay_app;
grant update (version, details_sealed, nickname_sealed, account_index, bank_code, review_status, status, reason, note, approval_id,
  beneficiary_id, updated_at) on remittance_recipients to unipay_app;
grant update (recipient_sealed, status, reason, note, journal_id, paid_journal_id, returned_journal_id, approval_id, payout_id, vendor_status, looked_at,
  updated_at, settled_at) on remittances to unipay_app;

revoke execute on function remittance_recipient_step, remittance_recipient_note, remittance_step, remittance_note from public;
