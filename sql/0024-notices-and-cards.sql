-- News by mail and text message, what operators do about cards, the issuer's fees, and a payout's last word.
-- A message of the inbox that may go out by mail as well asks for it in the transaction that it tells of.

-- --- news by mail and SMS ---

-- What a customer chose, by topic; what is not in it goes by the bank's settings.
alter table people add column notice_choices jsonb not null default '{}';

alter table inbox add column mail_due boolean not null default false;

-- Costs nothing for messages that stay in the inbox, which are those of the hot path.
create function inbox_wake() returns trigger language plpgsql as $$
begin
  perform graphile_worker.add_job('send-notice',
    json_build_object('bookId', new.book_id, 'personNo', new.person_no::text, 'id', new.id::text), max_attempts := 8);
  return null;
end $$;
create trigger inbox_wake after insert on inbox for each row when (new.mail_due) execute function inbox_wake();

-- Days of which a customer was told what they earned.
create table notice_digests (
  book_id   integer not null references books,
  person_no bigint not null,
  day       date not null,
  primary key (book_id, day, person_no)
);
create index commission_days_day on commission_days (book_id, day, person_no);

-- --- cards ---

-- What the house wants of a card, whatever its holder wants: the issuer is told again until it is so.
alter table cards add column house_wish text check (house_wish in ('active', 'frozen', 'cancelled'));
create index cards_wished on cards (book_id, changed_at) where house_wish is not null;

-- What the issuer charges the house for a transaction, and how much of that is booked.
alter table card_transactions
  add column fee bigint not null default 0 check (fee >= 0),
  add column fee_booked bigint not null default 0 check (fee_booked >= 0);

-- Money that was left on a card when it ended, back to its holder's main account; the id is that of its approval.
create table card_releases (
  book_id    integer not null references books,
  id         uuid not null,
  card_id    uuid not null,
  person_no  bigint not null,
  amount     bigint not null check (amount > 0),
  journal_id uuid not null,
  created_at timestamptz not null,
  primary key (book_id, id)
);
create index card_releases_card on card_releases (book_id, card_id);

create index card_topups_status on card_topups (book_id, status, id);
create index cards_status on cards (book_id, status, id);
create index card_transactions_untold on card_transactions (book_id, first_seen_at) where statement_at is null;
create index card_balances_owed on card_balances (book_id, owed) where owed > 0;

-- --- remittances ---

-- When the vendor was first about to be told of the payout: from then on it may have it, whatever else goes wrong.
alter table remittances add column told_at timestamptz;
create index remittances_failed on remittances (book_id, looked_at) where status = 'failed' and payout_id is not null;

revoke execute on function inbox_wake from public;
grant select, insert, delete on notice_digests to unipay_app;
grant select, insert on card_releases to unipay_app;
grant update (house_wish) on cards to unipay_app;
grant update (fee, fee_booked) on card_transactions to unipay_app;
grant update (told_at) on remittances to unipay_app;
