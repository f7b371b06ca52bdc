-- Faults of a restored copy of hostile.sql, rolled back after the comparison. Above each: its name, and what must be said of it.

-- a table missing | table "no columns" is missing|table public."no columns" is missing
drop table "no columns";

-- a table emptied | lines: 0 rows
delete from lines;

-- one row lost | hashed_[01]: [0-9]+ rows, the backup had
delete from hashed where a = 7;

-- one row doubled | hashed_[01]: [0-9]+ rows, the backup had
insert into hashed values (7);

-- one row lost, another doubled | with other values
delete from unlogged_one;
insert into unlogged_one values (43);

-- a value changed in a child table | child: .* other values
update child set a = 1;

-- one value changed | guarded: 2 rows as in the backup, but
update guarded set who = 'apq' where a = 1;

-- two rows' values swapped | guarded: .* other values
update guarded set a = 3 - a;

-- a trailing space | guarded: .* other values
update guarded set who = who || ' ' where a = 1;

-- null became empty | other values
update "select" set "Where?" = '' where "Where?" is null;

-- empty became null | other values
update "select" set "ünïcödé" = null where "ünïcödé" = '';

-- a number's scale | orders.*other values
update lines set n = n;
update orders set total = total + 0.0 where id = 5;

-- an hour's shift | other values
update "select" set at = at + interval '1 hour' where "from" = 10;

-- letters composed otherwise | other values
update "select" set "ünïcödé" = normalize("ünïcödé", NFD);

-- a letter's case | guarded: .* other values
update guarded set who = 'App' where a = 1;

-- a line end | other values
update "select" set "Where?" = replace("Where?", chr(10), chr(13) || chr(10));

-- a key in JSON | other values
update "select" set wide = wide || '{"n": 0}' where "from" = 10;

-- a table more | more.* the backup has none
create table more (a int);

-- a check missing | constraint later
alter table unchecked drop constraint later;

-- a foreign key missing | fkey
alter table lines drop constraint lines_order_id_order_at_region_fkey;

-- a primary key missing | clustered_pkey
alter table clustered drop constraint clustered_pkey;

-- not null dropped | parent
alter table parent alter a drop not null;

-- a constraint deferred no more | deferred_a_key
alter table deferred drop constraint deferred_a_key;
alter table deferred add constraint deferred_a_key unique (a);

-- an index missing | index .*counted_region is missing
drop index counted_region;

-- an index over another expression | Index
drop index "Index ""of"" it";
create index "Index ""of"" it" on "select" (upper("Where?"));

-- an index not valid | counted_region
update pg_index set indisvalid = false where indexrelid = 'counted_region'::regclass;

-- a trigger missing | trigger off on .* is missing
drop trigger off on empty_table;

-- a trigger disabled | trigger
alter table "select" disable trigger "trig ""ger""";

-- a rule missing | rule
drop rule "no ""deletes""" on empty_table;

-- a view missing | view .*twice is missing
drop view twice;

-- a view changed | view
create or replace view "view ""v""" as select "from", "Where?" || ' x' as "a b", count(*) over (partition by mood) from "select" where "from" > 2;

-- a view without its barrier | view
alter view "view ""v""" reset (security_barrier);

-- a materialised view not filled | counted: not filled
refresh materialized view counted with no data;

-- a function missing | atomic\(integer\) is missing
drop function atomic(integer);

-- a function's body | touched
create or replace function touched() returns trigger language plpgsql as 'begin return old; end';

-- a function's rights | function
alter function "f ""unction"""(integer, text, integer[]) security invoker;

-- a procedure missing | pro c.* is missing
drop procedure "pro c";

-- an aggregate missing | sum of.* is missing
drop aggregate "sum of"(integer);

-- a sequence's value | sequence .*untouched stands at
alter sequence untouched restart 5;

-- a sequence's step | sequence .*untouched
alter sequence untouched increment 2;

-- a sequence missing | sequence .*untouched is missing
drop sequence untouched;

-- a large object missing | large objects: 2 rows
select lo_unlink(90001);

-- a large object's byte | large objects: 3 rows as in the backup, but
select lo_put(90002, 1000000, 'X');

-- a large object's owner | large objects
alter large object 90002 owner to app;

-- an extension missing | extension citext is missing
drop extension citext;

-- an extension elsewhere | citext
alter extension citext set schema public;

-- an owner | is owned by app, not by
alter table "O'Brien ""ä"" owns" owner to app;

-- a schema's owner | schema .*is owned by app
alter schema "Quoted ""Schema""" owner to app;

-- a function's owner | touched\(\) is owned by app
alter function touched() owner to app;

-- a grant missing | grant select on .* to public is missing
revoke select on "select" from public;

-- a grant too many | grant delete on .*guarded to public is there
grant delete on guarded to public;

-- a grant option missing | with grant option
revoke grant option for insert on "select" from "O'Brien ""ä""";

-- a column's grant missing | grant update on .*wide
revoke update (wide) on "select" from app;

-- a right given back to all | grant execute on
grant execute on function atomic(integer) to public;

-- default rights missing | default priv
alter default privileges in schema "Quoted ""Schema""" revoke select on tables from app;

-- a large object's grant | large objects
revoke select on large object 90001 from app;

-- a default changed | default
alter table "select" alter "Where?" set default 1;

-- a default missing | default
alter table "select" alter at drop default;

-- an identity column plain | from
alter table "select" alter "from" drop identity;

-- a generated column plain | doubled
alter table "select" alter doubled drop expression;

-- a column's type | parent
alter table parent alter b type varchar(100);

-- a column's precision | select
alter table "select" drop doubled;
alter table "select" alter U&"new\000aline" type numeric(12, 2);

-- a column's collation | empty_table
alter table empty_table alter b type text collate "C";

-- a column missing | lines
alter table lines drop n;

-- a column's storage | wide
alter table "select" alter wide set storage main;

-- a policy missing | policy everybody on .*is missing
drop policy everybody on "O'Brien ""ä"" owns";

-- a policy widened | policy
alter policy "pol ""icy""" on "O'Brien ""ä"" owns" using (true);

-- a policy for others | policy
alter policy "pol ""icy""" on "O'Brien ""ä"" owns" to public;

-- row security off | guarded: row security is nothing
alter table guarded disable row level security;

-- row security not forced | forced row security
alter table "O'Brien ""ä"" owns" no force row level security;

-- a comment missing | comment
comment on function atomic(integer) is null;

-- a comment's letter | comment
comment on large object 90003 is 'Empty';

-- a partition detached | table public.orders_loose: bound is nothing
delete from lines;
alter table orders detach partition orders_loose;

-- a partition's bound | orders_loose.*bound
delete from lines;
alter table orders detach partition orders_loose;
alter table orders attach partition orders_loose for values from ('2027-01-01') to ('2027-12-31');

-- a child on its own | child
alter table child no inherit parent;

-- an enum's label more | Mood
alter type "Mood ""x""" add value 'angry';

-- an enum's label renamed | Mood
alter type "Mood ""x""" rename value 'sad' to 'Sad';

-- a domain's check missing | email_check
alter domain email drop constraint email_check;

-- a domain's default | positive int
alter domain "positive int" set default 5;

-- a composite's attribute | pa.ir
alter type "pa.ir" add attribute third int cascade;

-- a cast missing | cast
drop cast (integer as "Mood ""x""");

-- an operator missing | operator
drop operator === (integer, integer) cascade;

-- a collation missing | collation
drop collation "Coll ation c";

-- a text search mapping | conf ig
alter text search configuration "conf ig" drop mapping for word;

-- statistics missing | statistics
drop statistics "st ats";

-- an event trigger enabled | event trigger
alter event trigger "watch er" enable;

-- an event trigger missing | event trigger .*is missing
drop event trigger "watch er";

-- a table less in a publication | publication
alter publication "pub ""all""" drop table dropped;

-- a publication's filter | publication
alter publication "pub ""all""" set table "select", dropped (a, b);

-- a foreign server's option | ser ver
alter server "ser ver" options (set host 'elsewhere');

-- a user mapping missing | user mapping
drop user mapping for public server "ser ver";

-- a foreign table missing | far away
drop foreign table "far away";

-- an unlogged table logged | unlogged_one
alter table unlogged_one set logged;

-- a table's options | options
alter table "select" reset (fillfactor);

-- a replica identity | dropped
alter table dropped replica identity default;

-- a table clustered no more | clustered
alter table clustered set without cluster;

-- a schema missing | schema
drop schema " leading and trailing " cascade;

-- another encoding | encoding is LATIN1
update pg_database set encoding = pg_char_to_encoding('LATIN1') where datname = current_database();

-- another collation of the database | collation is de_DE
update pg_database set datcollate = 'de_DE.UTF-8' where datname = current_database();

-- a setting of the database | settings of the database
delete from pg_db_role_setting where setrole = 0;

-- a role's setting in the database | settings of role app
delete from pg_db_role_setting where setrole <> 0;

-- a grant on the database | grant create on database
do $$ begin execute format('revoke create on database %I from app', current_database()); end $$;

-- the database's owner | is owned by app
do $$ begin execute format('alter database %I owner to app', current_database()); end $$;

-- the database's connection limit | connection limit
update pg_database set datconnlimit = 3 where datname = current_database();
