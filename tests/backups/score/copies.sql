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

-- a system function's grant missing | grant execute on function pg_read_file\(text\) to app is missing|rights function pg_read_file
revoke execute on function pg_catalog.pg_read_file(text) from app;

-- a system function given to all | rights function pg_ls_dir
grant execute on function pg_catalog.pg_ls_dir(text) to public;

-- a system function given to all again | lo_export
grant execute on function pg_catalog.lo_export(oid, text) to public;

-- a system table's grant missing | pg_statistic
revoke select on pg_catalog.pg_statistic from app;

-- a system column's grant missing | pg_authid
revoke select (rolname) on pg_catalog.pg_authid from app;

-- a system view closed | rights view pg_roles
revoke select on pg_catalog.pg_roles from public;

-- the system's schema closed | rights schema pg_catalog
revoke usage on schema pg_catalog from app;
grant create on schema pg_catalog to app;

-- an extension's view: grant missing | pg_stat_statements
revoke select on "Quoted ""Schema""".pg_stat_statements from "Tab	and space";

-- an extension's view: given to another | pg_stat_statements to app is there
grant insert on "Quoted ""Schema""".pg_stat_statements to app;

-- an extension's view: revoke undone | pg_stat_statements_info
grant select on "Quoted ""Schema""".pg_stat_statements_info to public;

-- an extension's function: grant missing | hstore\(text,text\)
revoke execute on function "Quoted ""Schema""".hstore(text, text) from app;

-- an extension's function: revoke undone | akeys
grant execute on function "Quoted ""Schema""".akeys("Quoted ""Schema""".hstore) to public;

-- an extension's function: closed | rights function .*avals
revoke execute on function "Quoted ""Schema""".avals("Quoted ""Schema""".hstore) from public;

-- a language's grant missing | language plpgsql
revoke usage on language plpgsql from "O'Brien ""ä""";

-- a language closed to all | language plpgsql
revoke usage on language plpgsql from public;

-- a language of our own: grant | grant usage on language "pl x" to app is missing
revoke usage on language "pl x" from app;

-- a language no longer trusted | language "pl x"
update pg_language set lanpltrusted = false where lanname = 'pl x';

-- a user mapping's option | user mapping "ser ver" of app: options is
alter user mapping for app server "ser ver" options (set "user" 'y');

-- a user mapping's secret missing | user mapping "ser ver" of app: options is
alter user mapping for app server "ser ver" options (drop password);

-- a user mapping's options lost | user mapping "ser ver" of app is nothing
drop user mapping for app server "ser ver";
create user mapping for app server "ser ver";

-- a server's option lost | server "ser ver"
alter server "ser ver" options (drop host);

-- a server's version | server "ser ver"
alter server "ser ver" version '2';

-- a server's owner | server "ser ver" is owned by app
alter server "ser ver" owner to app;

-- a server's grant | grant usage on server "ser ver" to app is missing
revoke usage on foreign server "ser ver" from app;

-- a wrapper's option | foreign data wrapper "wrap per"
alter foreign data wrapper "wrap per" options (set debug 'false');

-- a foreign table's option | far away
alter foreign table "far away" options (set path '/y');

-- a foreign column's option | far away
alter foreign table "far away" alter a options (drop column_name);

-- a partition's trigger: always no more | on_parts on public.orders_loose
alter table orders_loose enable trigger on_parts;

-- a partition's trigger: enabled | on_parts on public.orders_2025
alter table orders_2025 enable trigger on_parts;

-- a partition's trigger: disabled | on_parts on public."orders 2026"
alter table only "orders 2026" disable trigger on_parts;

-- a trigger for replicas no more | on_replicas on public.guarded
alter table guarded enable trigger on_replicas;

-- a rule disabled | "al so" on public.empty_table
alter table empty_table disable rule "al so";

-- a rule always no more | "al so" on public.empty_table
alter table empty_table enable rule "al so";

-- an event trigger's state | event trigger "always on"
alter event trigger "always on" enable;

-- an event trigger's tags | event trigger "watch er"
drop event trigger "watch er";
create event trigger "watch er" on ddl_command_end when tag in ('CREATE TABLE') execute function watched();
alter event trigger "watch er" disable;

-- an inherited column made its own | pg_attribute of table column public.child.b: attislocal is true
update pg_attribute set attislocal = true where attrelid = 'child'::regclass and attname = 'b';

-- an own column only inherited | pg_attribute of table column public.both_ways.a: attislocal
update pg_attribute set attislocal = false where attrelid = 'both_ways'::regclass and attname = 'a';

-- a check not inherited | constraint positive on public.parent
alter table parent drop constraint positive;
alter table only parent add constraint positive check (a > 0) no inherit;

-- a check inherited now | only_here
alter table parent drop constraint only_here;
alter table parent add constraint only_here check (a < 1000000);

-- a child's check its own no more | pg_constraint of table constraint positive on public.adopted: conislocal
update pg_constraint set conislocal = false where conrelid = 'adopted'::regclass and conname = 'positive';

-- a child without its parent | adopted
alter table adopted no inherit parent;

-- a child's own default | default public.adopted.later
alter table adopted alter later drop default;

-- a version of an extension | extension version hstore is 1.0
update pg_extension set extversion = '1.0' where extname = 'hstore';

-- an extension that cannot move | extrelocatable
update pg_extension set extrelocatable = false where extname = 'citext';

-- a dependency on an extension | dependency .*in_pl_x
alter function in_pl_x() no depends on extension plpgsql;

-- a dependency on another extension | dependency .*touched
alter function touched() depends on extension plpgsql;

-- not null not validated | not null of public.choosy.b: convalidated
alter table choosy validate constraint "not null b";

-- not null under another name | named not null
alter table unchecked rename constraint "named not null" to "another name";

-- not null without inheritance | not null of public.unchecked.a: connoinherit
alter table unchecked drop constraint "named not null";
alter table unchecked add constraint "named not null" not null a no inherit;

-- a foreign key not enforced | fkey
alter table lines alter constraint lines_order_id_order_at_region_fkey not enforced;

-- a check enforced | unforced
alter table choosy drop constraint unforced;
alter table choosy add constraint unforced check (a < 100);

-- a key without its period | in_time_pkey
alter table in_time drop constraint in_time_pkey;
alter table in_time add primary key (room, during);

-- a virtual column stored | virtual_one.b
alter table virtual_one drop b;
alter table virtual_one add b integer generated always as (a * 2) stored;

-- a publication without generated columns | with generated
alter publication "with generated" set (publish_generated_columns = none);

-- a publication via its roots no more | by schema
alter publication "by schema" set (publish_via_partition_root = false);

-- a publication of more | everything
alter publication everything set (publish = 'truncate, delete');

-- a publication's schema | by schema
alter publication "by schema" drop tables in schema "Quoted ""Schema""";

-- a publication's columns | publication of "pub ""all""" public.dropped
alter publication "pub ""all""" set table "select" where ("from" > 5), dropped (a);

-- a publication's owner | publication everything is owned by app
update pg_publication set pubowner = 'app'::regrole where pubname = 'everything';

-- a security label | security label dummy table public.guarded
insert into pg_seclabel values ('guarded'::regclass, 'pg_class'::regclass, 0, 'dummy', 'secret');

-- a table's comment | guarded
comment on table guarded is null;

-- a view's comment | twice
comment on view twice is 'another view';

-- a materialised view's comment | counted
comment on materialized view counted is null;

-- a sequence's comment | untouched
comment on sequence untouched is null;

-- an index's comment | orders_total
comment on index orders_total is null;

-- a type's comment | span
comment on type span is null;

-- a domain's comment | email
comment on domain email is null;

-- a domain's constraint's comment | email_check
comment on constraint email_check on domain email is null;

-- a procedure's comment | pro c
comment on procedure "pro c" is null;

-- an aggregate's comment | sum of
comment on aggregate "sum of"(integer) is null;

-- an operator's comment | ===
comment on operator === (integer, integer) is null;

-- a class's comment | abs_ops
comment on operator class abs_ops using btree is null;

-- a family's comment | abs_ops
comment on operator family abs_ops using btree is 'another';

-- a cast's comment | cast
comment on cast (integer as "Mood ""x""") is null;

-- a collation's comment | Coll ation c
comment on collation "Coll ation c" is null;

-- a conversion's comment | con v
comment on conversion "con v" is null;

-- a configuration's comment | conf ig
comment on text search configuration "conf ig" is null;

-- a dictionary's comment | dict ionary
comment on text search dictionary "dict ionary" is null;

-- a comment on statistics | st ats
comment on statistics "st ats" is null;

-- an event trigger's comment | watch er
comment on event trigger "watch er" is null;

-- a wrapper's comment | wrap per
comment on foreign data wrapper "wrap per" is null;

-- a server's comment | ser ver
comment on server "ser ver" is null;

-- a publication's comment | pub
comment on publication "pub ""all""" is null;

-- a policy's comment | everybody
comment on policy everybody on "O'Brien ""ä"" owns" is null;

-- a rule's comment | al so
comment on rule "al so" on empty_table is null;

-- an access method's comment | ac cess
comment on access method "ac cess" is null;

-- a language's comment | pl x
comment on language "pl x" is null;

-- an extension's comment | comment extension citext
comment on extension citext is 'another';

-- default rights on types | default privileges types
alter default privileges grant usage on types to public;

-- default rights on schemas | default privileges schemas
alter default privileges revoke usage on schemas from app;

-- default rights of a role | default privileges
alter default privileges for role app grant execute on functions to public;

-- default rights too many | default privileges
alter default privileges grant select on tables to public;

-- a column's statistics target | Where
alter table "select" alter "Where?" set statistics 501;

-- an index's statistics target | Index
alter index "Index ""of"" it" alter column 2 set statistics 78;

-- statistics' own target | st ats
alter statistics "st ats" set statistics 65;

-- statistics of another kind | st ats
drop statistics "st ats";
create statistics "st ats" (mcv) on "from", mood from "select";
alter statistics "st ats" set statistics 66;

-- a column's options | from
alter table "select" alter "from" reset (n_distinct);

-- a column's compression | wide
alter table "select" alter wide set compression default;

-- options of a toast table | toast
alter table "select" reset (toast.autovacuum_enabled);

-- another access method | stored_otherwise
update pg_class set relam = (select oid from pg_am where amname = 'heap') where oid = 'stored_otherwise'::regclass;

-- a typed table of its own | typed
alter table typed not of;

-- an unlogged sequence | unlogged_sequence
alter sequence unlogged_sequence set logged;

-- a view column's default | view ""v""
alter table "view ""v""" alter "a b" drop default;

-- an identity of partitions | numbered.id
alter table numbered alter id set generated always;

-- an identity's sequence | numbered_id_seq
alter table numbered alter id set increment 5;

-- a function's cost | cost
alter function touched() cost 99;

-- a function's support and planner rights | leakproof
alter function atomic(integer) leakproof;

-- a function safe for workers | parallel
alter function atomic(integer) parallel safe;

-- a type's storage | storage
update pg_type set typstorage = 'e' where typname = 'span';

-- an operator's planner hint | operator .*<<<
alter operator <<< (integer, integer) set (restrict = scalarltsel);

-- a cast used by itself | cast
update pg_cast set castcontext = 'i' where castsource = 'integer'::regtype and casttarget = '"Mood ""x"""'::regtype;

-- a collation not deterministic | Coll ation c
update pg_collation set collisdeterministic = false where collname = 'Coll ation c';

-- a conversion by default | con v
update pg_conversion set condefault = true where conname = 'con v';

-- a dictionary's option | dict ionary
alter text search dictionary "dict ionary" (accept = true);

-- a subtype's difference | span
update pg_range set rngsubdiff = 0 where rngtypid = 'span'::regtype;

-- an aggregate's start | sum of
update pg_aggregate set agginitval = '1' where aggfnoid = '"sum of"(integer)'::regprocedure;

-- an index not ready | counted_region
update pg_index set indisready = false where indexrelid = 'counted_region'::regclass;

-- an index of distinct nulls | deferred_a_key
update pg_index set indnullsnotdistinct = true where indexrelid = 'deferred_a_key'::regclass;

-- a database that is a template | template
update pg_database set datistemplate = true where datname = current_database();

-- a database closed | connections
update pg_database set datallowconn = false where datname = current_database();
