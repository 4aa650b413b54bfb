-- What programs prove themselves with, and what of it was used up.
-- book_id comes first in every key.

-- A nonce or signature that counts once: seen again, by whatever process and after whatever restart, it is refused.
create table used_requests (
  book_id    integer not null references books,
  scheme     text not null check (scheme in ('spot', 'ramp', 'platform')),
  key_id     text not null check (length(key_id) between 1 and 128),
  value_hash bytea not null check (length(value_hash) = 32),
  expires_at timestamptz not null,     -- 'infinity' where nothing else ends a signature's life
  primary key (book_id, scheme, key_id, value_hash)
);
create index used_requests_expiry on used_requests (book_id, expires_at);

grant select, insert, delete on used_requests to unipay_app;
