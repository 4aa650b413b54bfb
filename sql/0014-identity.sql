-- Identity checks: what customers say of themselves, the pictures of their documents, and what was decided.
-- A check is written and moved by the functions below alone, along a table of states; what it makes of its customer
-- (people.kyc_status, people.kyc_level) follows by a trigger and cannot be set by the application, also not from a bug.
-- Names, numbers and addresses lie sealed; a document is found again by a keyed hash of its number.

create table identity_transitions (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into identity_transitions (from_status, to_status) values
  ('pending', 'approved'), ('pending', 'rejected'), ('approved', 'rejected');

-- Pictures. The bytes are elsewhere, each under a key of its own, which lies here sealed.
create table identity_files (
  book_id    integer not null references books,
  id         uuid not null,
  person_id  uuid not null,
  name       text not null,                            -- kyc/2026/06/<id>.jpg
  key_sealed bytea,                                    -- gone when the file is erased
  size       integer not null check (size > 0),
  created_at timestamptz not null,
  stored_at  timestamptz,                              -- the bytes are where they belong
  erased_at  timestamptz,                              -- nobody can open it any more
  removed_at timestamptz,                              -- the bytes are gone as well
  primary key (book_id, id),
  constraint identity_files_name unique (book_id, name),
  constraint identity_files_key check (key_sealed is not null or erased_at is not null)
);
create index identity_files_person on identity_files (book_id, person_id, id);
create index identity_files_kept on identity_files (book_id, created_at) where erased_at is null;
create index identity_files_leaving on identity_files (book_id, erased_at) where removed_at is null;

create table identity_checks (
  book_id        integer not null references books,
  id             uuid not null,
  person_id      uuid not null,
  stage          text not null check (stage in ('basic', 'full')),
  status         text not null default 'pending' check (status in ('pending', 'approved', 'rejected')),
  reason         text not null default '',             -- a word of ours; customers read its sentence
  details_sealed bytea,
  document_index bytea check (length(document_index) = 32),
  front_file     uuid,
  back_file      uuid,
  flags          text[] not null default '{}',         -- what reviewers should look at; never told to the customer
  approval_id    uuid,                                 -- what operators were asked
  reference      text not null default '',             -- the vendor's, of a full check
  created_at     timestamptz not null,
  updated_at     timestamptz not null,
  owner_left_at  timestamptz,
  erased_at      timestamptz,
  primary key (book_id, id),
  foreign key (book_id, front_file) references identity_files (book_id, id),
  foreign key (book_id, back_file) references identity_files (book_id, id),
  constraint identity_checks_whole check (
    stage = 'full' or erased_at is not null
    or details_sealed is not null and document_index is not null and front_file is not null),
  constraint identity_checks_erased check (erased_at is null or details_sealed is null and document_index is null)
);
-- one that is open or holds, per customer and stage; and one customer per document
create unique index identity_checks_current on identity_checks (book_id, person_id, stage) where status <> 'rejected';
create unique index identity_checks_document on identity_checks (book_id, document_index) where status = 'approved';
create index identity_checks_same_document on identity_checks (book_id, document_index) where document_index is not null;
create index identity_checks_person on identity_checks (book_id, person_id, id);
create index identity_checks_kept on identity_checks (book_id, updated_at) where erased_at is null;
create index identity_checks_queue on identity_checks (book_id, status, id);
create unique index identity_checks_reference on identity_checks (book_id, reference) where reference <> '';

-- Each step. `note` is the operators' and never shown to the customer.
create table identity_events (
  book_id     integer not null,
  check_id    uuid not null,
  no          integer not null,
  from_status text,
  to_status   text not null,
  reason      text not null default '',
  note        text not null default '',
  at          timestamptz not null,
  primary key (book_id, check_id, no),
  foreign key (book_id, check_id) references identity_checks (book_id, id)
);

-- What a customer is: the state of the newest basic check, and the highest level that holds.
alter table people
  add column kyc_level text not null default 'none' check (kyc_level in ('none', 'basic', 'full')),
  add constraint people_kyc_status check (kyc_status in ('none', 'pending', 'approved', 'rejected'));

create function identity_of_person() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update people p
  set kyc_status = coalesce((
        select c.status from identity_checks c
        where c.book_id = p.book_id and c.person_id = p.id and c.stage = 'basic' order by c.id desc limit 1), 'none'),
      kyc_level = coalesce((
        select c.stage from identity_checks c
        where c.book_id = p.book_id and c.person_id = p.id and c.status = 'approved'
        order by (c.stage = 'full') desc limit 1), 'none')
  where p.book_id = new.book_id and p.id = new.person_id;
  return null;
end $$;
create trigger identity_checks_person after insert or update of status on identity_checks
  for each row execute function identity_of_person();

-- Only who owns the table sets what its people are, and the function above runs as its owner.
create function people_keep_identity() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
  if (new.kyc_status, new.kyc_level) is distinct from (old.kyc_status, old.kyc_level)
      and not pg_has_role(current_user, (select c.relowner from pg_class c where c.oid = tg_relid), 'member') then
    raise exception 'what a customer is follows from their identity checks'
      using errcode = 'insufficient_privilege', constraint = 'people_kyc';
  end if;
  return new;
end $$;
create trigger people_keep_identity before update of kyc_status, kyc_level on people
  for each row execute function people_keep_identity();

-- From when a customer leaves on, what they said is kept for as long as it must be.
create function people_left() returns trigger
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  update identity_checks c set owner_left_at = now() where c.book_id = new.book_id and c.person_id = new.id;
  return null;
end $$;
create trigger people_left after update of status on people
  for each row when (new.status = 'deleted' and old.status <> 'deleted') execute function people_left();

create function people_begin_unknown() returns trigger
language plpgsql set search_path = public, pg_temp as $$
begin
  if (new.kyc_status, new.kyc_level) <> ('none', 'none')
      and not pg_has_role(current_user, (select c.relowner from pg_class c where c.oid = tg_relid), 'member') then
    raise exception 'a new customer is not checked yet' using errcode = 'insufficient_privilege', constraint = 'people_kyc';
  end if;
  return new;
end $$;
create trigger people_begin_unknown before insert on people for each row execute function people_begin_unknown();

-- ------------------------------------------------------------------------------------------------------------------

-- Writes a check. Its pictures are the customer's own, stored and not erased.
create function identity_submit(
  p_book integer, p_id uuid, p_person uuid, p_stage text, p_details bytea, p_document bytea, p_front uuid, p_back uuid,
  p_flags text[], p_reference text, p_at timestamptz
) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if exists (
      select from unnest(array[p_front, p_back]) f (id)
      where f.id is not null and not exists (
        select from identity_files i where i.book_id = p_book and i.id = f.id and i.person_id = p_person
          and i.stored_at is not null and i.erased_at is null)) then
    raise exception 'a picture of a check is its customer''s' using errcode = 'check_violation', constraint = 'identity_files_own';
  end if;
  insert into identity_checks (book_id, id, person_id, stage, details_sealed, document_index, front_file, back_file, flags,
    reference, created_at, updated_at)
  values (p_book, p_id, p_person, p_stage, p_details, p_document, p_front, p_back, p_flags, p_reference, p_at, p_at);
  insert into identity_events (book_id, check_id, no, to_status, at) values (p_book, p_id, 1, 'pending', p_at);
end $$;

-- Notes what operators were asked about it.
create function identity_asked(p_book integer, p_id uuid, p_approval uuid) returns void
language sql security definer set search_path = public, pg_temp as $$
  update identity_checks set approval_id = p_approval where book_id = p_book and id = p_id and status = 'pending'
$$;

-- Moves a check that still is in the first state; answers whether it was.
create function identity_move(
  p_book integer, p_id uuid, p_from text, p_to text, p_reason text, p_note text, p_at timestamptz
) returns boolean
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not exists (select from identity_transitions t where t.from_status = p_from and t.to_status = p_to) then
    raise exception 'an identity check cannot go from % to %', p_from, p_to
      using errcode = 'check_violation', constraint = 'identity_transitions';
  end if;
  update identity_checks set status = p_to, reason = p_reason, updated_at = p_at
  where book_id = p_book and id = p_id and status = p_from;
  if not found then
    return false;
  end if;
  insert into identity_events (book_id, check_id, no, from_status, to_status, reason, note, at)
  select p_book, p_id, 1 + count(*), p_from, p_to, p_reason, p_note, p_at
  from identity_events e where e.book_id = p_book and e.check_id = p_id;
  return true;
end $$;

-- Forgets what a check said; that there was one, and what was decided, stays.
create function identity_erase(p_book integer, p_id uuid, p_at timestamptz) returns void
language sql security definer set search_path = public, pg_temp as $$
  update identity_checks set details_sealed = null, document_index = null, erased_at = p_at
  where book_id = p_book and id = p_id and erased_at is null
$$;

revoke execute on function identity_submit, identity_asked, identity_move, identity_erase, identity_of_person,
  people_keep_identity, people_begin_unknown, people_left from public;
grant execute on function identity_submit, identity_asked, identity_move, identity_erase to unipay_app;
grant select on identity_transitions, identity_checks, identity_events to unipay_app;
grant update (details_sealed) on identity_checks to unipay_app;       -- sealed anew with another key
grant select, insert on identity_files to unipay_app;
grant update (key_sealed, stored_at, erased_at, removed_at) on identity_files to unipay_app;
-- sealed anew likewise
grant update (email_sealed, name_sealed) on operators to unipay_app;
