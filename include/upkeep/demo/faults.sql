-- What is really wrong with the shop. planted.py lists what the programme is to find; statements are parted by lines of dashes.

-- An orphaned replication slot: the analytics copy was switched off, its slot was not. What follows is WAL for it to keep.
select pg_create_logical_replication_slot('analytics_copy', 'pgoutput');
--------
-- Table bloat: a clean-up deleted four of five rows, and their room stays with the table.
delete from visits where seen_at < now() - interval '60 hours';
--------
-- What was deleted is counted before the vacuum counts: else it would be taken from what that finds.
select pg_stat_force_next_flush();
--------
vacuum (analyze) visits;
--------
-- An index that no query reads, made for a report that is gone.
create index orders_total_status on orders (total, status);
--------
-- A duplicate index.
create index customers_created_at_city on customers (created_at, city);
--------
-- An invalid index: the numbers turned out not to be unique.
create unique index concurrently customers_phone_key on customers (phone);
--------
-- A foreign key without its index.
drop index payments_order_id;
--------
-- A statement that got slower: somebody dropped the index it needs.
drop index orders_tracking_code;
--------
-- A slow query: the sales report (load.py) asks a bank for its rate, and waits as long on a fast machine as on a slow one.
create function dollar_rate() returns numeric
language sql volatile
begin atomic
select 1.08 from pg_sleep(0.6);
end;
--------
-- Stale statistics: a partitioned table that nobody analyzes. Autovacuum looks after its parts, never after the whole.
create table stock_history (
    id bigint not null,
    product_id bigint not null,
    level integer not null,
    counted_on date not null,
    primary key (id, counted_on)
) partition by range (counted_on);
--------
create table stock_history_first partition of stock_history for values from (minvalue) to ('2026-01-01');
--------
create table stock_history_second partition of stock_history for values from ('2026-01-01') to (maxvalue);
--------
insert into stock_history (id, product_id, level, counted_on)
select
    n,
    1 + n % 2000,
    n % 500,
    date '2025-01-01' + n % 700
from generate_series(1, 60000) as n;
--------
analyze stock_history_first, stock_history_second;
--------
-- A sequence near its end: invoice numbers were moved to a range close to the type's limit.
select setval('invoices_id_seq', 2040000000);
--------
-- An over-privileged login: the importer was made superuser to get round a missing grant.
alter role shop_importer superuser;
--------
-- Connections near their limit: the reports keep nine of ten open (sessions.py).
alter role shop_reports connection limit 10;
--------
-- An abandoned prepared transaction: its transaction manager is gone.
begin;
insert into imports (source) values ('supplier 7');
prepare transaction 'supplier-import-7';
