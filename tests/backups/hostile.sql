-- Every kind of object under names that break careless programs. Loads on 15 to 18, with or without contrib modules.
do $$
declare
    called text;
begin
    foreach called in array array['app', 'O''Brien "ä"', 'Tab	and space', 'PUBLIC'] loop
        if not exists (select from pg_roles where rolname = called) then
            execute format('create role %I', called);
        end if;
    end loop;
end
$$;
create schema "Quoted ""Schema""" authorization "O'Brien ""ä""";
create schema "; drop table x; --";
create schema " leading and trailing ";
grant usage on schema "Quoted ""Schema""" to app, "Tab	and space" with grant option;
comment on schema "Quoted ""Schema""" is E'a ''quoted'' "comment"\nof two lines \\ ä€';

create type "Mood ""x""" as enum ('sad', 'o''k', 'happy "ä"', '');
create domain "positive int" as integer default 1 + 1 not null check (value > 0);
create domain email as text collate "C" check (value ~ '^[^@]+@[^@]+$');
create type "pa.ir" as ("left" integer, "ri""ght" text collate "C");
create type span as range (subtype = float8, subtype_diff = float8mi);
comment on type "Mood ""x""" is 'how one is';
grant usage on type email to app;
revoke usage on type email from public;

create table "select" (
    "from" bigint generated always as identity (start 5 increment 5) primary key,
    "Where?" text collate "C" default 'it''s "so"',
    "new
line" numeric(10, 2) check ("new
line" >= 0),
    "ünïcödé" text,
    mood "Mood ""x""" default 'o''k',
    pair "pa.ir",
    wide jsonb,
    at timestamptz default '2026-01-01 12:00:00+02',
    doubled numeric generated always as ("new
line" * 2) stored,
    bits bit varying(9),
    spans span,
    many email[],
    positive "positive int"
);
insert into "select" ("Where?", "new
line", "ünïcödé", pair, wide, bits, spans, many)
select
    case when i % 7 = 0 then null else E'tab\t newline\n backslash \\ quote " dot \\. ' || i end, i * 1.5, repeat('ä€😀', i % 5),
    row(i, 'a"b,c')::"pa.ir", jsonb_build_object('k', i, 'n', null), (i % 4)::bit(3)::varbit, span(i, i + 0.5),
    array['a@b', 'c@d']::email[]
from generate_series(1, 500) as i;
alter table "select" alter column wide set storage external;
alter table "select" alter column "Where?" set statistics 500;
alter table "select" set (fillfactor = 70, autovacuum_enabled = false);
create index "Index ""of"" it" on "select" (lower("Where?") collate "C" desc nulls last, ("from" % 7)) where "from" > 3;
create unique index on "select" ("ünïcödé", "from") include (mood);
create statistics "st ats" on "from", mood from "select";
comment on column "select"."new
line" is 'a column';
grant select ("Where?"), update (wide) on "select" to app;
grant select, insert on "select" to "O'Brien ""ä""" with grant option;
grant select on "select" to public;

create table "no columns" ();
insert into "no columns" select from generate_series(1, 3);
create table empty_table (a integer, b text);
create table dropped (a integer, gone text, b integer);
alter table dropped drop column gone;
insert into dropped values (1, 2), (1, 2), (null, null);
create unlogged table unlogged_one (a integer);
insert into unlogged_one values (42);
create table "O'Brien ""ä"" owns" (a integer);
alter table "O'Brien ""ä"" owns" owner to "O'Brien ""ä""";
revoke insert on "O'Brien ""ä"" owns" from "O'Brien ""ä""";
create table "; drop table x; --"."$1 %s {0}" ("%(x)s" text, "$body$" text);
insert into "; drop table x; --"."$1 %s {0}" values ('%s', '$$'), ('{}', '\.');
create table " leading and trailing "." x " (" y " text);

create table orders (id bigint, region text, at date not null, total numeric, primary key (id, at, region)) partition by range (at);
create table orders_2025 partition of orders for values from ('2025-01-01') to ('2026-01-01');
create table "orders 2026" partition of orders for values from ('2026-01-01') to ('2027-01-01') partition by list (region);
create table orders_2026_eu partition of "orders 2026" for values in ('eu', 'o''z');
create table orders_2026_rest partition of "orders 2026" default;
create table orders_loose (total numeric, at date not null, region text not null, id bigint not null);
alter table orders attach partition orders_loose for values from ('2027-01-01') to ('2028-01-01');
create index orders_total on orders (total);
insert into orders
select i, case i % 3 when 0 then 'eu' when 1 then 'o''z' else 'us' end, date '2025-06-01' + i, i from generate_series(1, 700) as i;
create table lines (
    order_id bigint, order_at date, region text, n integer, foreign key (order_id, order_at, region) references orders on delete cascade
);
insert into lines select id, at, region, 1 from orders where id % 10 = 0;
create table parent (a integer not null, b text);
create table child (c integer) inherits (parent);
insert into parent values (1, 'p');
insert into child values (2, 'c', 3);
create table hashed (a integer) partition by hash (a);
create table hashed_0 partition of hashed for values with (modulus 2, remainder 0);
create table hashed_1 partition of hashed for values with (modulus 2, remainder 1);
insert into hashed select generate_series(1, 100);
create table booked (room integer, during int4range, exclude using gist (during with &&));
create table unchecked (a integer);
insert into unchecked values (-1);
alter table unchecked add constraint later check (a > 0) not valid;
create table deferred (a integer unique deferrable initially deferred);
alter table deferred replica identity full;
create table clustered (a integer primary key);
cluster clustered using clustered_pkey;

create sequence "Seq 'x'" as smallint start 7 increment -3 minvalue -100 maxvalue 7 cycle cache 5;
select nextval('"Seq ''x''"');
create sequence untouched;
create sequence owned_one owned by empty_table.a;
select setval('owned_one', 99, false);
grant usage on sequence "Seq 'x'" to app;

create view "view ""v""" with (security_barrier) as
select "from", "Where?" || ' x' as "a b", count(*) over (partition by mood) from "select" where "from" > 1;
create materialized view counted as select region, count(*) as n, sum(total) from orders group by region;
create unique index counted_region on counted (region);
create materialized view "not filled" as select 1 as a with no data;
create view twice as select * from counted join "view ""v""" on n = "from";
alter view twice alter column n set default 3;
create rule "no ""deletes""" as on delete to empty_table where old.a > 5 do instead nothing;

create function "f ""unction"""(a integer, b text default 'x''y', variadic c integer[] default '{}') returns table ("o" integer)
language plpgsql security definer set search_path = pg_catalog, "; drop table x; --" cost 7 rows 5 as $body$
begin
    return query select a + length(b) -- $$ in here
    ;
end
$body$;
create function atomic(a integer) returns integer language sql immutable begin atomic select a + 1; end;
create procedure "pro c"(inout x integer) language plpgsql as 'begin x := x + 1; end';
revoke execute on function atomic(integer) from public;
grant execute on function atomic(integer) to app;
create aggregate "sum of"(integer) (sfunc = int4pl, stype = integer, initcond = '0');
create function touched() returns trigger language plpgsql as 'begin return new; end';
create trigger "trig ""ger""" before update of "Where?" on "select" for each row when (old.mood is distinct from new.mood)
execute function touched('an ''argument''');
create trigger off after insert on empty_table execute function touched();
alter table empty_table disable trigger off;
create trigger on_parts after insert on orders for each row execute function touched();
create constraint trigger constrained after insert on empty_table deferrable for each row execute function touched();

alter table "O'Brien ""ä"" owns" enable row level security, force row level security;
create policy "pol ""icy""" on "O'Brien ""ä"" owns" as restrictive for update to app, "Tab	and space"
using (a > 1) with check (a > 2 and current_user <> 'x');
create policy everybody on "O'Brien ""ä"" owns" for select using (true);
create table guarded (a integer, who text);
insert into guarded values (1, 'app'), (2, 'nobody');
alter table guarded enable row level security;

create function eq_abs(integer, integer) returns boolean language sql immutable as 'select abs($1) = abs($2)';
create operator === (leftarg = integer, rightarg = integer, function = eq_abs, commutator = ===);
create function cmp_abs(integer, integer) returns integer language sql immutable as 'select abs($1) - abs($2)';
create function lt_abs(integer, integer) returns boolean language sql immutable as 'select abs($1) < abs($2)';
create operator <<< (leftarg = integer, rightarg = integer, function = lt_abs);
create operator class abs_ops for type integer using btree as operator 1 <<<, operator 3 ===, function 1 cmp_abs(integer, integer);
create index by_abs on dropped (a abs_ops);
create function to_mood(integer) returns "Mood ""x""" language sql immutable as $$ select 'sad'::"Mood ""x""" $$;
create cast (integer as "Mood ""x""") with function to_mood(integer);
create collation "Coll ation c" (locale = 'C');
do $$
begin
    create collation "Coll ation" (provider = icu, locale = 'de-u-co-phonebk', deterministic = false);
exception when feature_not_supported then
    null;
end
$$;
create conversion "con v" for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
create text search dictionary "dict ionary" (template = simple, stopwords = english, accept = false);
create text search configuration "conf ig" (copy = simple);
alter text search configuration "conf ig" alter mapping for word with "dict ionary", simple;

create foreign data wrapper "wrap per" options (debug 'true');
create server "ser ver" type 'x' version '1' foreign data wrapper "wrap per" options (host 'a b');
create user mapping for app server "ser ver" options ("user" 'x', password 'hidden');
create user mapping for public server "ser ver";
create foreign table "far away" (a integer options (column_name 'b'), c text) server "ser ver" options (path '/x "y"');
grant usage on foreign server "ser ver" to app;

create publication "pub ""all""" for table "select" where ("from" > 5), dropped (a, b) with (publish = 'insert, update');
alter table dropped replica identity full;
create function watched() returns event_trigger language plpgsql as 'begin end';
create event trigger "watch er" on ddl_command_end when tag in ('CREATE TABLE', 'DROP TABLE') execute function watched();
alter event trigger "watch er" disable;
alter default privileges in schema "Quoted ""Schema""" grant select on tables to app;
alter default privileges for role app revoke execute on functions from public;
alter default privileges for role app grant usage on sequences to "O'Brien ""ä""" with grant option;

select lo_from_bytea(90001, 'small');
select lo_from_bytea(90002, convert_to(repeat('large ', 300000), 'UTF8'));
select lo_from_bytea(90003, '');
grant select on large object 90001 to app;
alter large object 90002 owner to "O'Brien ""ä""";
comment on large object 90003 is 'empty';
comment on trigger off on empty_table is 'off';
comment on constraint later on unchecked is 'later';
comment on function atomic(integer) is 'one more';

do $$
declare
    called text;
begin
    foreach called in array array['hstore', 'pg_trgm', 'citext', 'pg_stat_statements'] loop
        if exists (select from pg_available_extensions where name = called) then
            execute format('create extension %I schema %I', called, 'Quoted "Schema"');
        end if;
    end loop;
end
$$;
do $$
begin
    execute format('alter database %I set work_mem = %L', current_database(), '7MB');
    execute format('alter database %I set search_path = public, %I', current_database(), 'Quoted "Schema"');
    execute format('alter role app in database %I set statement_timeout = %L', current_database(), '5s');
    execute format('grant create on database %I to app', current_database());
    execute format('revoke temporary on database %I from public', current_database());
    execute format('comment on database %I is %L', current_database(), 'a database''s "comment"');
end
$$;

-- What hand-picked columns of the catalogs miss.
grant execute on function pg_catalog.pg_read_file(text) to app;
revoke execute on function pg_catalog.lo_export(oid, text) from public;
grant select on pg_catalog.pg_statistic to app;
grant select (rolname) on pg_catalog.pg_authid to app;
grant usage on language plpgsql to "O'Brien ""ä""";
do $$
begin
    if exists (select from pg_extension where extname = 'pg_stat_statements') then
        grant select on "Quoted ""Schema""".pg_stat_statements to "Tab	and space";
        revoke select on "Quoted ""Schema""".pg_stat_statements_info from public;
        grant execute on function "Quoted ""Schema""".hstore(text, text) to app;
        revoke execute on function "Quoted ""Schema""".akeys("Quoted ""Schema""".hstore) from public;
    end if;
end
$$;
create function "handle x"() returns language_handler language c as '$libdir/plpgsql', 'plpgsql_call_handler';
create function "inline x"(internal) returns void language c strict as '$libdir/plpgsql', 'plpgsql_inline_handler';
create function "validate x"(oid) returns void language c strict as '$libdir/plpgsql', 'plpgsql_validator';
create trusted language "pl x" handler "handle x" inline "inline x" validator "validate x";
grant usage on language "pl x" to app;
create function in_pl_x() returns integer language "pl x" as 'begin return 1; end';
create access method "ac cess" type table handler heap_tableam_handler;
create table stored_otherwise (a integer) using "ac cess";
insert into stored_otherwise values (1);
alter function in_pl_x() depends on extension plpgsql;

alter table parent add column later text default 'from the parent';
alter table parent add constraint positive check (a > 0);
alter table parent add constraint only_here check (a < 1000000) no inherit;
create table both_ways (z integer, a integer not null, constraint positive check (a > 0)) inherits (parent);
insert into both_ways (z, a) values (7, 8);
create table adopted (b text, later text default 'own', a integer not null, constraint positive check (a > 0));
alter table adopted inherit parent;
create table numbered (id bigint generated by default as identity (start 100), at date not null) partition by range (at);
create table numbered_1 partition of numbered for values from ('2026-01-01') to ('2027-01-01');
insert into numbered (at) values ('2026-05-05');
create table by_mood (mood "Mood ""x""", n integer) partition by hash (mood);
create table by_mood_0 partition of by_mood for values with (modulus 2, remainder 0);
create table by_mood_1 partition of by_mood for values with (modulus 2, remainder 1);
alter table orders_loose enable always trigger on_parts;
alter table orders_2025 disable trigger on_parts;
create trigger on_replicas before delete on guarded for each row execute function touched();
alter table guarded enable replica trigger on_replicas;
create rule "al so" as on update to empty_table do also (insert into dropped values (1, 2); delete from dropped where a = 77);
alter table empty_table enable always rule "al so";

create domain document as json check (value is not null);
create table documents (j json, jb jsonb, d document, x xml, big money default 12.5, days interval default '1 day 2 hours');
create function of_json(j json, "default" json default '{"a": "B"}') returns json language sql immutable as 'select $1';
create function in_sql(a text default 'Admin', b date default date '2026-01-31') returns boolean language sql stable
begin atomic
    select case when a = 'Admin;' then true else b > current_date end;
end;
create table words (
    id bigint, said text, "ünïcödé" text, wide jsonb, at timestamptz, mood "Mood ""x""", pair "pa.ir", a integer, b integer
);
create view wordy as
select
    w.id, coalesce(w.said, 'Nobody''s \\ ') as said, extract(year from w.at) as year, w.wide -> 'k' as k, w.wide #>> '{a,b}' as ab,
    (w.id = 1 or w.id = 2) and w.mood = 'o''k' as chosen, w.at at time zone 'Europe/Berlin' as local,
    row_number() over (order by w.id desc nulls last rows between 1 preceding and current row) as nth,
    array(select x.a from words as x where x.a = any(array[1, 2])) as them, cast(w.id as numeric(10, 2)) as n,
    overlay(w."ünïcödé" placing 'x' from 1) as o, trim(both 'x' from w.said) as t, w.id between 1 and 5 as between_them,
    w.said ilike 'A%' or w.said not like '%z' as alike, (w.pair)."left" as l, current_user as me
from words as w
left join lateral (select * from words as l where l.a = w.id limit 3) as l on true
where not exists (select 1 from words as g where g.a = w.id and g.said <> 'App');
create view casted as select (a::numeric(10, 2))::text as t from words;
create view unioned as
with recursive r (n) as (select 1 union all select n + 1 from r where n < 5)
select n, 'a' as kind from r union all (select a, 'B' from words except select b, said from words) order by 1;
create table choosy (
    a integer check (a in (1, 2, 3) and (a <> 2 or a is null)), b text default upper('Admin'), c text default E'back\\slash',
    constraint "b or c" check ((b = 'X' or c = 'Y') and length(b) < 10)
);
create sequence counting;
create sequence "Quoted ""Schema""".counting;
create table counted_by (n bigint default nextval('counting'), at timestamptz default '2026-07-01 12:00+02');
create index on choosy ((lower(b) || 'Z')) where (a > 1 or a < 0) and b <> 'Q';
create policy careful on guarded using ((who = current_user or who = 'All') and a > 0);

alter table "select" alter "from" set (n_distinct = 5);
alter table "select" alter wide set compression pglz;
alter table "select" set (toast.autovacuum_enabled = false);
alter index "Index ""of"" it" alter column 2 set statistics 77;
alter statistics "st ats" set statistics 66;
create table typed of "pa.ir" ("left" primary key);
create unlogged sequence unlogged_sequence;
create publication "by schema" for tables in schema "Quoted ""Schema""" with (publish_via_partition_root);
create publication everything for all tables with (publish = 'truncate');
create event trigger "always on" on sql_drop execute function watched();
alter event trigger "always on" enable replica;
alter default privileges revoke usage on types from public;
alter default privileges grant usage on schemas to app;
alter table "view ""v""" alter "a b" set default 'dear';

do $$
begin
    if current_setting('server_version_num')::integer >= 180000 then
        execute 'alter table choosy add constraint "not null b" not null b not valid';
        execute 'alter table choosy add constraint unforced check (a < 100) not enforced';
        execute 'alter table unchecked add constraint "named not null" not null a';
        execute 'create table in_time (room int4range, during daterange, primary key (room, during without overlaps))';
        execute 'create table virtual_one (a integer, b integer generated always as (a * 2) virtual)';
        execute 'create publication "with generated" for table dropped with (publish_generated_columns = stored)';
    end if;
end
$$;

comment on table guarded is 'a table';
comment on view twice is 'a view';
comment on materialized view counted is 'a materialised view';
comment on sequence untouched is 'a sequence';
comment on index orders_total is 'an index';
comment on type span is 'a range';
comment on domain email is 'a domain';
comment on constraint email_check on domain email is 'a domain''s constraint';
comment on procedure "pro c" is 'a procedure';
comment on aggregate "sum of"(integer) is 'an aggregate';
comment on operator === (integer, integer) is 'an operator';
comment on operator class abs_ops using btree is 'a class';
comment on operator family abs_ops using btree is 'a family';
comment on cast (integer as "Mood ""x""") is 'a cast';
comment on collation "Coll ation c" is 'a collation';
comment on conversion "con v" is 'a conversion';
comment on text search configuration "conf ig" is 'a configuration';
comment on text search dictionary "dict ionary" is 'a dictionary';
comment on statistics "st ats" is 'statistics';
comment on event trigger "watch er" is 'an event trigger';
comment on foreign data wrapper "wrap per" is 'a wrapper';
comment on server "ser ver" is 'a server';
comment on foreign table "far away" is 'a foreign table';
comment on publication "pub ""all""" is 'a publication';
comment on policy everybody on "O'Brien ""ä"" owns" is 'a policy';
comment on rule "al so" on empty_table is 'a rule';
comment on access method "ac cess" is 'an access method';
comment on language "pl x" is 'a language';
analyze;
