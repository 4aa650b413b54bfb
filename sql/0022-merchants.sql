-- Merchants: those who run UniPay under their own brand by the platform API; their keys, and whose customers are theirs.
-- book_id comes first in every key. A customer is one merchant's at most, and a merchant finds its own alone.

create table merchants (
  book_id     integer not null references books,
  id          text not null check (id ~ '^pk_[a-z]+_[0-9a-z]{20,60}$'),   -- app_id on the wire; says its book
  name        text not null check (length(name) between 1 and 60),
  invite_code text not null check (length(invite_code) between 8 and 20), -- for customers whom no customer invited
  demo        boolean not null default false,       -- the sandbox's own
  created_at  timestamptz not null,
  stopped_at  timestamptz,
  primary key (book_id, id),
  constraint merchants_invite_code unique (book_id, invite_code)
);
create unique index merchants_demo on merchants (book_id) where demo;

-- Keys by side: 'platform' is our pair, 'merchant' the merchant's public key, 'plain' the secret of the plain form.
-- The one without an end is current; one that was rotated out counts until its end.
create table merchant_keys (
  book_id        integer not null,
  id             uuid not null,
  merchant_id    text not null,
  side           text not null check (side in ('platform', 'merchant', 'plain')),
  public_key     text,                              -- X.509, DER in URL-safe Base64
  private_sealed bytea,                             -- a private key or a secret; of a merchant's pair the sandbox's alone
  shown_at       timestamptz,                       -- a secret is shown once
  created_at     timestamptz not null,
  ends_at        timestamptz,
  primary key (book_id, id),
  foreign key (book_id, merchant_id) references merchants (book_id, id),
  constraint merchant_keys_whole check (case side when 'platform' then public_key is not null and private_sealed is not null
    when 'merchant' then public_key is not null else public_key is null and private_sealed is not null end)
);
create unique index merchant_keys_current on merchant_keys (book_id, merchant_id, side) where ends_at is null;
create index merchant_keys_merchant on merchant_keys (book_id, merchant_id, created_at);

create table merchant_customers (
  book_id     integer not null,
  merchant_id text not null,
  person_no   bigint not null,
  person_id   uuid not null,
  open_id     text not null check (length(open_id) between 20 and 40),
  inviter_no  bigint,                               -- a customer of the same merchant; null: invited by the merchant itself
  joined_at   timestamptz not null,
  primary key (book_id, merchant_id, person_no),
  foreign key (book_id, merchant_id) references merchants (book_id, id),
  foreign key (book_id, merchant_id, inviter_no) references merchant_customers (book_id, merchant_id, person_no),
  constraint merchant_customers_person unique (book_id, person_id),
  constraint merchant_customers_open_id unique (book_id, merchant_id, open_id),
  constraint merchant_customers_no_cycle check (inviter_no < person_no)
);
create index merchant_customers_joined on merchant_customers (book_id, merchant_id, joined_at, person_no);
create index merchant_customers_invited on merchant_customers (book_id, merchant_id, inviter_no, joined_at, person_no)
  where inviter_no is not null;

grant select, insert on merchants, merchant_keys, merchant_customers to unipay_app;
grant update (stopped_at) on merchants to unipay_app;
grant update (private_sealed, shown_at, ends_at) on merchant_keys to unipay_app;

-- A contact that a merchant registered and nobody has proved: its owner may sign in with it, and it is nobody's for all else.
-- When somebody proves it, it is kept under this other index, which the merchant alone finds.
alter table directory add column fallback_index bytea check (length(fallback_index) = 32);
grant update (contact_index, national_index, fallback_index) on directory to unipay_app;
grant update (contact_index) on contacts to unipay_app;

-- By what a customer signed in, where it is known: for those who ask for the history of sign-ins.
alter table security_log add column contact_kind text check (contact_kind in ('email', 'mobile'));

-- ------------------------------------------------------------------------------------------------------------------
-- A merchant may submit a basic check for its customer: with up to three pictures, or none, which operators are told.
alter table identity_checks add column third_file uuid;
alter table identity_checks add constraint identity_checks_third foreign key (book_id, third_file) references identity_files (book_id, id);
alter table identity_checks drop constraint identity_checks_whole;
alter table identity_checks add constraint identity_checks_whole check (
  stage = 'full' or erased_at is not null
  or details_sealed is not null and document_index is not null and (front_file is not null or flags @> '{no_picture}'));

create function identity_submit(
  p_book integer, p_id uuid, p_person uuid, p_stage text, p_details bytea, p_document bytea, p_front uuid, p_back uuid, p_third uuid,
  p_flags text[], p_reference text, p_at timestamptz
) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if p_third is not null and not exists (
      select from identity_files i where i.book_id = p_book and i.id = p_third and i.person_id = p_person
        and i.stored_at is not null and i.erased_at is null) then
    raise exception 'a picture of a check is its customer''s' using errcode = 'check_violation', constraint = 'identity_files_own';
  end if;
  perform identity_submit(p_book, p_id, p_person, p_stage, p_details, p_document, p_front, p_back, p_flags, p_reference, p_at);
  update identity_checks set third_file = p_third where book_id = p_book and id = p_id;
end $$;
revoke execute on function identity_submit(integer, uuid, uuid, text, bytea, bytea, uuid, uuid, uuid, text[], text, timestamptz) from public;
grant execute on function identity_submit(integer, uuid, uuid, text, bytea, bytea, uuid, uuid, uuid, text[], text, timestamptz) to unipay_app;
