-- A small shop: two tables of one shape and length, a sequence, large objects, a view.
create table orders (id integer primary key, who text not null, total numeric(10, 2));
create table archive (id integer primary key, who text not null, total numeric(10, 2));
insert into orders select i, md5(i::text), i from generate_series(1, 3000) as i;
insert into archive select i, md5((i + 5000)::text), i from generate_series(1, 3000) as i;
create table parts (id bigint generated always as identity primary key, name text);
insert into parts (name) select 'part ' || i from generate_series(1, 50) as i;
create index orders_who on orders (who);
create view dear as select id, who from orders where total > 2000;
select lo_from_bytea(7001, convert_to(repeat('a large one ', 20000), 'UTF8'));
select lo_from_bytea(7002, 'a small one');
