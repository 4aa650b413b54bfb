-- What operators change without a restart: fees, limits, thresholds of the treasury, and the switch that stops money.
-- Nothing is overwritten: each change is a row, and of a setting the newest row holds. A setting that was never changed
-- has no row and its default holds, which is the code's (src/domain/setting.ts).

create table setting_changes (
  book_id     integer not null references books,
  no          bigint not null check (no > 0),   -- of the book, gapless: who changes anything has read all that came before
  name        text not null,
  scope       text not null,                    -- network, network/asset, or level that it holds for; empty: all
  value       text not null,
  before      text not null,                    -- what held until then, a default as well
  reason      text not null check (reason <> ''),
  made_by     uuid not null,
  checked_by  uuid[] not null,                  -- empty only where one operator may act alone: stopping money
  approval_id uuid,
  changed_at  timestamptz not null,
  primary key (book_id, no),
  constraint setting_changes_four_eyes check (made_by <> all (checked_by)),
  constraint setting_changes_approved check (
    (cardinality(checked_by) > 0) = (approval_id is not null)
    and (approval_id is not null or (name = 'moneyOut.stopped' and value <> '')))
);
create index setting_changes_name on setting_changes (book_id, name, scope, no);

grant select, insert on setting_changes to unipay_app;
