-- What vendors (card issuer, identity checks) tell us by webhook, each once, and the access token that all processes share.
-- An event is kept before it is acknowledged and worked on after; what it holds is sealed and never has a card number.

create table vendor_event_transitions (
  from_status text not null,
  to_status   text not null,
  primary key (from_status, to_status)
);
insert into vendor_event_transitions (from_status, to_status) values
  ('received', 'done'), ('received', 'ignored'), ('received', 'failed'), ('failed', 'done'), ('failed', 'ignored');

create table vendor_events (
  book_id     integer not null references books,
  vendor      text not null check (vendor in ('uqpay', 'sumsub')),
  event_id    text not null check (length(event_id) between 1 and 200),
  type        text not null check (length(type) between 1 and 100),
  body_sealed bytea not null,
  body_mac    bytea not null check (length(body_mac) = 32),   -- of the bytes that came: tells copies from contradictions
  copies      integer not null default 0 check (copies >= 0), -- how often it came again
  status      text not null default 'received',
  reason      text not null default '',                        -- why it is ignored or failed
  attempts    integer not null default 0 check (attempts >= 0),
  received_at timestamptz not null,
  settled_at  timestamptz,
  primary key (book_id, vendor, event_id),
  constraint vendor_events_settled check ((status = 'received') = (settled_at is null))
);
create index vendor_events_open on vendor_events (book_id, received_at) where status in ('received', 'failed');
create index vendor_events_age on vendor_events (book_id, received_at);

create function vendor_events_guard() returns trigger language plpgsql as $$
begin
  if (new.book_id, new.vendor, new.event_id, new.type, new.body_sealed, new.body_mac, new.received_at)
     is distinct from (old.book_id, old.vendor, old.event_id, old.type, old.body_sealed, old.body_mac, old.received_at) then
    raise exception 'what a vendor said is not changed';
  end if;
  if new.status <> old.status and not exists (
    select from vendor_event_transitions where from_status = old.status and to_status = new.status
  ) then
    raise exception 'vendor event %: no step from % to %', old.event_id, old.status, new.status;
  end if;
  return new;
end $$;
create trigger vendor_events_guard before update on vendor_events for each row execute function vendor_events_guard();

-- Some vendors let a new token end all earlier ones, so there is one for all processes; `claimed_until`: somebody fetches.
create table vendor_tokens (
  book_id       integer not null references books,
  vendor        text not null,
  token_sealed  bytea,
  expires_at    timestamptz,
  version       bigint not null default 0,
  claimed_until timestamptz,
  primary key (book_id, vendor),
  check ((token_sealed is null) = (expires_at is null))
);

grant select on vendor_event_transitions to unipay_app;
grant select, insert, delete, update (copies, status, reason, attempts, settled_at) on vendor_events to unipay_app;
grant select, insert, update on vendor_tokens to unipay_app;

revoke execute on function vendor_events_guard from public;
