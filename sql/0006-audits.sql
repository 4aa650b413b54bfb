-- What the last proof of each book found: for metrics, the console, and whoever asks whether the books are being proven.

create table audits (
  book_id      integer primary key references books,
  at           timestamptz not null,          -- the instant whose books were proven
  milliseconds integer not null,
  journals     bigint not null,
  entries      bigint not null,
  sealed       bigint not null,
  faults       integer not null
);

grant select, insert, update on audits to unipay_app;
