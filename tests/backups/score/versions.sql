-- Faults of a copy of hostile.sql on another major version, rolled back after the comparison. Above each: its name, and what must be
-- said of it. Those whose name ends in "(with twins)" are seen where the programs of both versions are at hand; the others always.

-- a default's case | default public.choosy.b
alter table choosy alter b set default upper('ADMIN');

-- a condition's structure | constraint "b or c" on public.choosy
alter table choosy drop constraint "b or c";
alter table choosy add constraint "b or c" check (b = 'X' or (c = 'Y' and length(b) < 10));

-- another schema's sequence | default public.counted_by.n
alter table counted_by alter n set default nextval('"Quoted ""Schema""".counting');

-- a policy for everything | policy careful on public.guarded: using is true
alter policy careful on guarded using (true);

-- a policy's structure | policy careful on public.guarded: using
alter policy careful on guarded using (who = current_user or (who = 'All' and a > 0));

-- a policy's literal | policy careful on public.guarded: using
alter policy careful on guarded using ((who = current_user or who = 'ALL') and a > 0);

-- a view's literal | query public.unioned
create or replace view unioned as
with recursive r (n) as (select 1 union all select n + 1 from r where n < 5)
select n, 'A' as kind from r union all (select a, 'B' from words except select b, said from words) order by 1;

-- a view without all | query public.unioned
create or replace view unioned as
with recursive r (n) as (select 1 union all select n + 1 from r where n < 5)
select n, 'a' as kind from r union (select a, 'B' from words except select b, said from words) order by 1;

-- a view's order | query public.unioned
create or replace view unioned as
with recursive r (n) as (select 1 union all select n + 1 from r where n < 5)
select n, 'a' as kind from r union all (select a, 'B' from words except select b, said from words) order by 2;


-- a view of another schema's table | query public.twice
create table "Quoted ""Schema""".counted (region text, n bigint, sum numeric);
create or replace view twice as
select counted.region, counted.n, counted.sum, "from", "a b", v.count from "Quoted ""Schema""".counted join "view ""v""" as v on n = "from";

-- a cast's precision (with twins) | query public.casted
create or replace view casted as select (a::numeric(10, 3))::text as t from words;

-- a body in standard SQL | text of function public.in_sql
create or replace function in_sql(a text default 'Admin', b date default date '2026-01-31') returns boolean language sql stable
begin atomic
    select case when a = 'ADMIN;' then true else b > current_date end;
end;

-- an argument's default | text of function public.in_sql
create or replace function in_sql(a text default 'admin', b date default date '2026-01-31') returns boolean language sql stable
begin atomic
    select case when a = 'Admin;' then true else b > current_date end;
end;

-- a default in JSON | text of function public.of_json
create or replace function of_json(j json, "default" json default '{"a": "b"}') returns json language sql immutable as 'select $1';

-- a body as a string | function public.of_json.*body
create or replace function of_json(j json, "default" json default '{"a": "B"}') returns json language sql immutable as 'select $2';

-- an index's condition | index public.choosy_expr_idx
drop index choosy_expr_idx;
create index on choosy ((lower(b) || 'Z')) where a > 1 or (a < 0 and b <> 'Q');

-- an index's expression | index public.choosy_expr_idx
drop index choosy_expr_idx;
create index on choosy ((lower(b) || 'z')) where (a > 1 or a < 0) and b <> 'Q';

-- a list's number | constraint choosy_a_check on public.choosy
alter table choosy drop constraint choosy_a_check;
alter table choosy add check (a in (1, 2, 4) and (a <> 2 or a is null));

-- a check's operator | constraint choosy_a_check on public.choosy
alter table choosy drop constraint choosy_a_check;
alter table choosy add check (a in (1, 2, 3) and (a <> 2 and a is null));

-- a backslash | default public.choosy.c
alter table choosy alter c set default 'back/slash';

-- a rule's action | rule "al so" on public.empty_table
create or replace rule "al so" as on update to empty_table do also (insert into dropped values (1, 2); delete from dropped where a = 78);

-- a generated column | default public.select.doubled
alter table "select" drop doubled;
alter table "select" add doubled numeric generated always as (U&"new\000aline" * 3) stored;

-- a trigger's condition | trigger "trig ""ger"""
drop trigger "trig ""ger""" on "select";
create trigger "trig ""ger""" before update of "Where?" on "select" for each row when (old.mood = new.mood)
execute function touched('an ''argument''');

-- a trigger's argument | trigger "trig ""ger"""
drop trigger "trig ""ger""" on "select";
create trigger "trig ""ger""" before update of "Where?" on "select" for each row when (old.mood is distinct from new.mood)
execute function touched('an ''Argument''');

-- a domain's check | constraint document_check on .*document
alter domain document drop constraint document_check;
alter domain document add check (value is null or true);

-- a domain's default | default public."positive int"
alter domain "positive int" set default 1 + 2;

-- a time's zone | default public.counted_by.at
alter table counted_by alter at set default '2026-07-01 12:00+01';

-- an interval | default public.documents.days
alter table documents alter days set default '1 day 3 hours';

-- a materialised view's query | query public.counted
drop materialized view counted cascade;
create materialized view counted as select region, count(*) as n, avg(total) as sum from orders group by region;

-- a partition's bound | table public.orders_2026_eu: bound
alter table "orders 2026" detach partition orders_2026_eu;
delete from orders_2026_eu;
alter table "orders 2026" attach partition orders_2026_eu for values in ('eu', 'O''Z');

-- a publication's filter | publication of "pub ""all""" public.select
alter publication "pub ""all""" set table "select" where ("from" >= 5), dropped (a, b);

-- a comment's case | comment table public.guarded|comment .*guarded is A table
comment on table guarded is 'A table';

-- a function's setting | function public."f ""unction"".*settings
alter function "f ""unction"""(integer, text, integer[]) set search_path = public;

-- a column's statistics target (with twins) | statistics
alter table words alter said set statistics 9;

-- an inherited column made its own (with twins) | attislocal
update pg_attribute set attislocal = true where attrelid = 'child'::regclass and attname = 'b';
