-- Customers: identity, contacts, sign-in, payment factors, security log, referral tree, inbox.
-- book_id comes first in every key. Only the directory (contact → book, person) is unique across books.
-- Contacts and names stand here sealed; equal contacts meet by a keyed hash, nothing can be read from a dump.

create sequence person_no start 10001;  -- uid U10001, U10002 …; owners of ledger accounts

create table people (
  book_id              integer not null references books,
  id                   uuid not null,
  no                   bigint not null default nextval('person_no') check (no >= 10000),
  status               text not null default 'active' check (status in ('active', 'frozen', 'deleted')),
  locale               text not null check (locale in ('zh', 'en')),
  nickname_sealed      bytea,
  label_sealed         bytea not null,           -- the masked name that other customers may see
  invite_code          text not null,
  password_hash        text,                     -- null: signs in by code only
  login2fa             text[] not null default '{}' check (login2fa <@ '{email,sms}'),
  kyc_status           text not null default 'none',
  is_node              boolean not null default false,
  level_system         smallint not null default 0 check (level_system >= 0),
  level_manual         smallint check (level_manual >= 0),  -- an operator's override; null: the system's level holds
  money_out_held_until timestamptz,
  created_at           timestamptz not null,
  primary key (book_id, id),
  constraint people_no unique (book_id, no),
  constraint people_invite_code unique (book_id, invite_code)
);

create table directory (
  contact_index  bytea primary key check (length(contact_index) = 32),
  national_index bytea check (length(national_index) = 32),  -- a phone number dialled without its country
  book_id        integer not null,
  person_id      uuid not null
);
create index directory_national on directory (national_index) where national_index is not null;

create table contacts (
  book_id       integer not null,
  person_id     uuid not null,
  kind          text not null check (kind in ('email', 'mobile')),
  contact_index bytea not null check (length(contact_index) = 32),
  sealed        bytea not null,
  verified_at   timestamptz not null,
  primary key (book_id, person_id, kind),
  constraint contacts_index unique (book_id, contact_index)
);

-- A signed-in device. Refresh tokens carry a generation; the one before the current lives on for ten seconds.
create table sessions (
  book_id      integer not null,
  id           uuid not null,
  person_id    uuid not null,
  browser      text not null,
  os           text not null,
  ip           text not null,
  refresh_seed bytea not null,
  generation   integer not null default 1 check (generation > 0),
  rotated_at   timestamptz not null,
  started_at   timestamptz not null,
  last_seen_at timestamptz not null,
  expires_at   timestamptz not null,
  ended_at     timestamptz,
  end_reason   text,
  primary key (book_id, id),
  constraint sessions_end check ((ended_at is null) = (end_reason is null))
);
create index sessions_person on sessions (book_id, person_id, started_at);
create index sessions_expiry on sessions (book_id, expires_at);

-- One-time codes by contact and scene. A row that must never match holds random bytes, so that all look alike.
create table codes (
  book_id       integer not null,
  contact_index bytea not null,
  scene         text not null check (scene in ('register', 'login', 'reset', 'change_contact')),
  hash          bytea not null check (length(hash) = 32),
  sent_at       timestamptz not null,
  expires_at    timestamptz not null,
  attempts      smallint not null default 0,
  used_at       timestamptz,
  primary key (book_id, contact_index, scene)
) with (fillfactor = 70);

-- The second step of a sign-in.
create table login_challenges (
  book_id      integer not null,
  id_hash      bytea not null check (length(id_hash) = 32),
  person_id    uuid not null,
  channels     text[] not null check (cardinality(channels) > 0),
  code_hash    bytea,
  code_channel text,
  sent_at      timestamptz,
  sends        smallint not null default 0,
  attempts     smallint not null default 0,
  expires_at   timestamptz not null,
  passed_at    timestamptz,
  primary key (book_id, id_hash)
) with (fillfactor = 70);

-- How often something was tried in a window of time; survives restarts and counts for all processes.
create table attempts (
  book_id   integer not null,
  scope     text not null,
  subject   bytea not null,
  used      integer not null,
  resets_at timestamptz not null,
  primary key (book_id, scope, subject)
) with (fillfactor = 70);
create index attempts_resets on attempts (book_id, resets_at);

-- What proves a payment: PIN and TOTP. Read on every payment, written on a wrong guess.
create table payment_factors (
  book_id           integer not null,
  person_id         uuid not null,
  pin_hash          bytea check (length(pin_hash) = 32),
  pin_wrong         smallint not null default 0,
  pin_locks         smallint not null default 0,    -- locks since the last right PIN: each doubles the next
  pin_locked_until  timestamptz,
  totp_sealed       bytea,
  totp_confirmed_at timestamptz,
  totp_last_step    bigint not null default 0,      -- a step's code counts once
  totp_wrong        smallint not null default 0,
  totp_locked_until timestamptz,
  primary key (book_id, person_id),
  constraint payment_factors_totp check (totp_confirmed_at is null or totp_sealed is not null)
) with (fillfactor = 70);

-- Append-only: the application's role may add rows and read them, nothing else.
create table security_log (
  book_id    integer not null,
  id         bigint generated always as identity,
  person_id  uuid not null,
  event_type text not null,
  ip         text not null,
  device     text not null,
  created_at timestamptz not null,
  primary key (book_id, id)
);
create index security_log_person on security_log (book_id, person_id, id);

-- The referral tree as its transitive closure, to 128 generations: teams, counts and chains are index reads.
-- An ancestor's number is smaller than its descendant's, so there can be no cycle.
create table referrals (
  book_id       integer not null,
  descendant_no bigint not null,
  depth         smallint not null check (depth between 1 and 128),
  ancestor_no   bigint not null,
  joined_at     timestamptz not null,
  primary key (book_id, descendant_no, depth),
  constraint referrals_no_cycle check (ancestor_no < descendant_no)
);
create unique index referrals_team on referrals (book_id, ancestor_no, depth, joined_at, descendant_no);

-- What happened, as data. Words are found when it is read, in the reader's language.
create table inbox (
  book_id    integer not null,
  id         bigint generated always as identity,
  person_no  bigint not null,
  type       text not null,
  params     jsonb not null,
  created_at timestamptz not null,
  read_at    timestamptz,
  primary key (book_id, person_no, id)    -- in the order it is read
);
create index inbox_unread on inbox (book_id, person_no) where read_at is null;

grant usage on sequence person_no to unipay_app;
grant select, insert, update on people, payment_factors, inbox to unipay_app;
grant select, insert, delete on directory to unipay_app;
grant select, insert, update, delete on contacts, sessions, codes, login_challenges, attempts to unipay_app;
grant select, insert on security_log, referrals to unipay_app;
