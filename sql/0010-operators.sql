-- Operators, what two of them decide together, and the log of what each of them did and saw.
-- Approvals are written and moved by the functions below alone, so nobody checks their own, checks twice or applies
-- without enough checks, also not from psql. The audit log is written by one function and changed by none.

create table operators (
  book_id           integer not null references books,
  id                uuid not null,
  email_index       bytea not null check (length(email_index) = 32),
  email_sealed      bytea not null,
  name_sealed       bytea not null,
  roles             text[] not null check (roles <@ '{support,risk,finance,admin}'),
  status            text not null default 'invited' check (status in ('invited', 'active', 'disabled')),
  password_hash     text,
  totp_sealed       bytea,
  totp_confirmed_at timestamptz,
  totp_last_step    bigint not null default 0,      -- a step's code counts once
  invitation_hash   bytea check (length(invitation_hash) = 32),
  invited_until     timestamptz,
  created_at        timestamptz not null,
  primary key (book_id, id),
  constraint operators_email unique (book_id, email_index),
  constraint operators_proven check (
    status <> 'active' or (password_hash is not null and totp_confirmed_at is not null and invitation_hash is null)),
  constraint operators_totp check (totp_confirmed_at is null or totp_sealed is not null)
);
create unique index operators_invitation on operators (book_id, invitation_hash) where invitation_hash is not null;

create table operator_sessions (
  book_id      integer not null,
  token_hash   bytea not null check (length(token_hash) = 32),
  id           uuid not null,
  operator_id  uuid not null,
  browser      text not null,
  os           text not null,
  ip           text not null,
  started_at   timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at   timestamptz not null,
  ended_at     timestamptz,
  end_reason   text,
  primary key (book_id, token_hash),
  constraint operator_sessions_id unique (book_id, id),
  constraint operator_sessions_end check ((ended_at is null) = (end_reason is null))
) with (fillfactor = 70);
create index operator_sessions_operator on operator_sessions (book_id, operator_id, started_at);

-- --- approvals --------------------------------------------------------------------------------------------------------

create table approval_transitions (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into approval_transitions (from_status, to_status) values
  ('open', 'applied'), ('open', 'rejected'), ('open', 'cancelled'), ('open', 'expired');

create table approvals (
  book_id      integer not null references books,
  id           uuid not null,
  kind         text not null,
  payload      text not null,               -- canonical JSON; what is checked is its hash
  payload_hash bytea not null,
  subject      text not null,               -- what it is about; one open approval of a kind for each, unless it is empty
  reason       text not null check (reason <> ''),
  made_by      uuid,                        -- null: the bank itself, for somebody's order
  checks       smallint not null check (checks between 1 and 5),
  status       text not null default 'open' check (status in ('open', 'applied', 'rejected', 'cancelled', 'expired')),
  refusal      jsonb,                       -- why it could not be applied when it was last tried
  made_at      timestamptz not null,
  expires_at   timestamptz,
  closed_at    timestamptz,
  closed_by    uuid,
  primary key (book_id, id),
  constraint approvals_hash check (payload_hash = sha256(convert_to(payload, 'UTF8'))),
  constraint approvals_closed check ((status = 'open') = (closed_at is null)),
  constraint approvals_expiry check (expires_at > made_at)
);
create unique index approvals_open on approvals (book_id, kind, subject) where status = 'open' and subject <> '';
create index approvals_status on approvals (book_id, status, id);
create index approvals_subject on approvals (book_id, subject, id) where subject <> '';

create table approval_checks (
  book_id      integer not null,
  approval_id  uuid not null,
  operator_id  uuid not null,
  verdict      text not null check (verdict in ('approve', 'reject')),
  note         text not null,
  payload_hash bytea not null,
  checked_at   timestamptz not null,
  primary key (book_id, approval_id, operator_id)    -- the same operator counts once
);

-- What an approval let its maker see, once.
create table reveals (
  book_id     integer not null,
  approval_id uuid not null,
  operator_id uuid not null,
  person_id   uuid not null,
  until       timestamptz not null,
  seen_at     timestamptz,
  primary key (book_id, approval_id)
);

create function approval_open(
  p_book integer, p_id uuid, p_kind text, p_payload text, p_subject text, p_reason text, p_made_by uuid, p_checks smallint,
  p_at timestamptz, p_expires_at timestamptz
) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if p_made_by is not null and not exists (
      select from operators o where o.book_id = p_book and o.id = p_made_by and o.status = 'active') then
    raise exception 'an approval is made by an operator' using errcode = 'check_violation', constraint = 'approvals_maker';
  end if;
  update approvals set status = 'expired', closed_at = p_at
  where book_id = p_book and kind = p_kind and subject = p_subject and subject <> '' and status = 'open' and expires_at <= p_at;
  insert into approvals (book_id, id, kind, payload, payload_hash, subject, reason, made_by, checks, made_at, expires_at)
  values (p_book, p_id, p_kind, p_payload, sha256(convert_to(p_payload, 'UTF8')), p_subject, p_reason, p_made_by, p_checks,
          p_at, p_expires_at);
end $$;

create function approval_lock(p_book integer, p_id uuid) returns setof approvals
language sql security definer set search_path = public, pg_temp as $$
  select * from approvals where book_id = p_book and id = p_id for no key update
$$;

-- Different operators, none of them the maker, that approved what the approval says and still work here.
create function approval_checks_of(p_approval approvals) returns integer
language sql stable security definer set search_path = public, pg_temp as $$
  select count(*)::integer from approval_checks c
  join operators o on o.book_id = c.book_id and o.id = c.operator_id and o.status = 'active'
  where c.book_id = p_approval.book_id and c.approval_id = p_approval.id and c.verdict = 'approve'
    and c.payload_hash = p_approval.payload_hash and c.operator_id is distinct from p_approval.made_by
$$;

-- One operator's word on it. Answers how many are still missing. A rejection ends it.
create function approval_check(
  p_book integer, p_id uuid, p_operator uuid, p_hash bytea, p_verdict text, p_note text, p_at timestamptz
) returns integer
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  a approvals;
begin
  select * into a from approvals where book_id = p_book and id = p_id for no key update;
  if not found or a.status <> 'open' or a.expires_at <= p_at then
    raise exception 'the approval is not open' using errcode = 'check_violation', constraint = 'approval_transitions';
  end if;
  if a.made_by = p_operator then
    raise exception 'nobody checks their own' using errcode = 'check_violation', constraint = 'approvals_four_eyes';
  end if;
  if a.payload_hash <> p_hash then
    raise exception 'something else was checked' using errcode = 'check_violation', constraint = 'approvals_hash';
  end if;
  if not exists (select from operators o where o.book_id = p_book and o.id = p_operator and o.status = 'active') then
    raise exception 'an approval is checked by an operator' using errcode = 'check_violation', constraint = 'approvals_checker';
  end if;
  insert into approval_checks (book_id, approval_id, operator_id, verdict, note, payload_hash, checked_at)
  values (p_book, p_id, p_operator, p_verdict, p_note, p_hash, p_at);
  if p_verdict = 'reject' then
    update approvals set status = 'rejected', closed_at = p_at, closed_by = p_operator where book_id = p_book and id = p_id;
  end if;
  return greatest(0, a.checks - approval_checks_of(a));
end $$;

-- Ends an approval in one of the other ways.
create function approval_close(p_book integer, p_id uuid, p_to text, p_by uuid, p_at timestamptz) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  a approvals;
begin
  select * into a from approvals where book_id = p_book and id = p_id for no key update;
  if not found or p_to = 'rejected' or not exists (
      select from approval_transitions t where t.from_status = a.status and t.to_status = p_to) then
    raise exception 'an approval cannot go from % to %', a.status, p_to
      using errcode = 'check_violation', constraint = 'approval_transitions';
  end if;
  if p_to = 'applied' and (approval_checks_of(a) < a.checks or a.expires_at <= p_at) then
    raise exception 'not enough operators have checked' using errcode = 'check_violation', constraint = 'approvals_four_eyes';
  end if;
  if p_to = 'cancelled' and a.made_by is distinct from p_by then
    raise exception 'only its maker takes an approval back' using errcode = 'check_violation', constraint = 'approvals_maker';
  end if;
  if p_to = 'expired' and (a.expires_at is null or a.expires_at > p_at) then
    raise exception 'the approval has not expired' using errcode = 'check_violation', constraint = 'approvals_expiry';
  end if;
  update approvals set status = p_to, closed_at = p_at, closed_by = p_by where book_id = p_book and id = p_id;
end $$;

create function approval_note(p_book integer, p_id uuid, p_refusal jsonb) returns void
language sql security definer set search_path = public, pg_temp as $$
  update approvals set refusal = p_refusal where book_id = p_book and id = p_id and status = 'open'
$$;

-- Roles are changed by what two operators agreed on, and by nothing else.
create function operator_set_roles(p_book integer, p_approval uuid) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  a approvals;
begin
  select * into a from approvals
  where book_id = p_book and id = p_approval and kind = 'operator_role' and status = 'open' for no key update;
  if not found or approval_checks_of(a) < a.checks then
    raise exception 'roles are given by an approval' using errcode = 'check_violation', constraint = 'approvals_four_eyes';
  end if;
  update operators
  set roles = array(select r from jsonb_array_elements_text(a.payload::jsonb -> 'roles') r)
  where book_id = p_book and id = (a.payload::jsonb ->> 'operator')::uuid;
end $$;

-- --- audit log --------------------------------------------------------------------------------------------------------

-- Where each book's log ends. Its row is the lock under which the log grows.
create table audit_heads (
  book_id integer primary key references books,
  no      bigint not null,
  hash    bytea not null check (length(hash) = 32)
);

create table audit_log (
  book_id     integer not null,
  no          bigint not null check (no > 0),   -- gapless
  at          timestamptz not null,
  operator_id uuid,                             -- null: the bank itself
  session_id  uuid,
  ip          text not null,
  request_id  text not null,
  action      text not null,
  subject     text not null,                    -- whom or what it is about: person:<id>, approval:<id> …
  data        json not null,                    -- kept to the letter, for it is hashed
  hash        bytea not null check (length(hash) = 32),
  primary key (book_id, no)
);
create index audit_log_operator on audit_log (book_id, operator_id, no);
create index audit_log_subject on audit_log (book_id, subject, no);
create index audit_log_action on audit_log (book_id, action, no);

-- The text of a row that is hashed: free text stands behind its length in bytes, so no two rows have one text.
create function audit_text(l audit_log) returns text language sql stable parallel safe as $$
  select concat_ws('|', l.book_id, l.no, micros(l.at), coalesce(l.operator_id::text, ''), coalesce(l.session_id::text, ''),
    octet_length(l.ip), l.ip, octet_length(l.request_id), l.request_id, octet_length(l.action), l.action,
    octet_length(l.subject), l.subject, octet_length(l.data::text), l.data::text)
$$;

-- hash: sha256(hash of the row before || text); the first follows sha256('unipay audit log <book_id>').
create function audit_append(
  p_book integer, p_at timestamptz, p_operator uuid, p_session uuid, p_ip text, p_request text, p_action text, p_subject text, p_data json
) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
  head audit_heads;
  l audit_log;
begin
  insert into audit_heads (book_id, no, hash)
  values (p_book, 0, sha256(convert_to('unipay audit log ' || p_book, 'UTF8'))) on conflict do nothing;
  select * into head from audit_heads where book_id = p_book for no key update;
  l.book_id := p_book; l.no := head.no + 1; l.at := p_at; l.operator_id := p_operator; l.session_id := p_session;
  l.ip := p_ip; l.request_id := p_request; l.action := p_action; l.subject := p_subject; l.data := p_data;
  l.hash := sha256(head.hash || convert_to(audit_text(l), 'UTF8'));
  insert into audit_log select (l).*;
  update audit_heads set no = l.no, hash = l.hash where book_id = p_book;
  return l.no;
end $$;

revoke all on audit_log, audit_heads, approvals, approval_checks, approval_transitions from public, unipay_app;
revoke execute on function approval_open, approval_lock, approval_checks_of, approval_check, approval_close, approval_note,
  operator_set_roles, audit_text, audit_append from public;
grant execute on function approval_open, approval_lock, approval_checks_of, approval_check, approval_close, approval_note,
  operator_set_roles, audit_text, audit_append to unipay_app;
grant select on approvals, approval_checks, approval_transitions, audit_log, audit_heads to unipay_app;
grant select, insert on reveals to unipay_app;
grant update (seen_at) on reveals to unipay_app;
grant select, insert on operators to unipay_app;
grant update (status, password_hash, totp_sealed, totp_confirmed_at, totp_last_step, invitation_hash, invited_until)
  on operators to unipay_app;
grant select, insert, update, delete on operator_sessions to unipay_app;
