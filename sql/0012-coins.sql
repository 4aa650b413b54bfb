-- Deposits of a network's own coin, where customers can hold it: TRX on TRON. Which asset a deposit is of is decided with
-- its class, at first sight; everything that is booked for it is booked in that asset.

alter table deposits add column asset text not null default 'USDT' references assets (code);

drop function deposits_sight(integer, text, uuid[], text[], integer[], text[], text[], bigint[], text[], text[], text[], numeric[],
                             numeric[], bigint[], bigint[], text[], timestamptz[], integer, timestamptz);

-- Records what a block holds for us. The caller holds the network's chain_states row. A deposit that is known and stands
-- is left as it is, so a block may be read again any number of times; one that had left the chain starts again here.
create function deposits_sight(
  p_book integer, p_network text, p_id uuid[], p_tx text[], p_ordinal integer[], p_class text[], p_reason text[], p_asset text[],
  p_person bigint[], p_address text[], p_from text[], p_contract text[], p_value numeric[], p_received numeric[],
  p_amount bigint[], p_block_number bigint[], p_block_hash text[], p_mined_at timestamptz[], p_confirmations integer, p_at timestamptz
) returns table (id uuid, class text, person_no bigint, asset text, amount bigint, tx_hash text, again boolean)
language sql security definer set search_path = public, pg_temp as $$
  with seen as (
    select * from unnest(p_id, p_tx, p_ordinal, p_class, p_reason, p_asset, p_person, p_address, p_from, p_contract, p_value,
                         p_received, p_amount, p_block_number, p_block_hash, p_mined_at)
      u (id, tx_hash, ordinal, class, reason, asset, person_no, address, from_address, contract, value,
         received, amount, block_number, block_hash, mined_at)
  ), known as (
    select distinct on (s.id) s.*, d.id as old_id, d.status as old_status
    from seen s left join deposits d on d.book_id = p_book and d.network = p_network and d.tx_hash = s.tx_hash and d.ordinal = s.ordinal
  ), back as (
    update deposits d
    set status = 'pending', class = k.class, reason = k.reason, asset = k.asset, person_no = k.person_no, address = k.address,
        from_address = k.from_address, contract = k.contract, value = k.value, received = k.received, amount_received = k.amount,
        confirmations = p_confirmations, block_number = k.block_number, block_hash = k.block_hash, mined_at = k.mined_at,
        round = d.round + (d.status = 'reversed')::integer, journal_id = null, settled_at = null
    from known k
    where d.book_id = p_book and d.id = k.old_id and d.status in ('orphaned', 'reversed')
    returning d.id, d.class, d.person_no, d.asset, d.amount_received, d.tx_hash, k.old_status, d.block_hash
  ), fresh as (
    insert into deposits as d (book_id, id, network, tx_hash, ordinal, class, reason, asset, person_no, address, from_address, contract,
                          value, received, amount_received, confirmations, block_number, block_hash, mined_at, created_at)
    select p_book, k.id, p_network, k.tx_hash, k.ordinal, k.class, k.reason, k.asset, k.person_no, k.address, k.from_address,
           k.contract, k.value, k.received, k.amount, p_confirmations, k.block_number, k.block_hash, k.mined_at, p_at
    from known k where k.old_id is null
    on conflict do nothing
    returning d.id, d.class, d.person_no, d.asset, d.amount_received, d.tx_hash, d.block_hash
  ), moved as (
    select b.id, b.class, b.person_no, b.asset, b.amount_received, b.tx_hash, true as again, b.old_status, b.block_hash from back b
    union all
    select f.id, f.class, f.person_no, f.asset, f.amount_received, f.tx_hash, false, null, f.block_hash from fresh f
  ), noted as (
    insert into deposit_events (book_id, deposit_id, no, from_status, to_status, block_hash, at)
    select p_book, m.id, 1 + (select count(*) from deposit_events e where e.book_id = p_book and e.deposit_id = m.id)::integer,
           m.old_status, 'pending', m.block_hash, p_at
    from moved m
  )
  select m.id, m.class, m.person_no, m.asset, m.amount_received, m.tx_hash, m.again from moved m
$$;

revoke execute on function deposits_sight from public;
grant execute on function deposits_sight to unipay_app;
