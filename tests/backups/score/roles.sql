-- Faults of the roles that hostile.sql's database needs, with those that roles_before.sql adds. Rolled back after the comparison.

-- a role's attribute | role app: rolcreatedb is true
alter role app createdb;

-- a role that may log in | role app: rolcanlogin is true
alter role app login;

-- a role that may no longer log in | role "?acting"?: rolcanlogin is false
alter role acting nologin;

-- a superuser more | role app: rolsuper is true
alter role app superuser;

-- a role past row security | role app: rolbypassrls
alter role app bypassrls;

-- a role's connection limit | role acting: rolconnlimit is -1
alter role acting connection limit -1;

-- a role's last day | role acting: rolvaliduntil
alter role acting valid until '2031-01-01';

-- a role that does not inherit | role app: rolinherit is false
alter role app noinherit;

-- a membership missing | membership acting in app is missing
revoke app from acting;

-- a membership too many | membership app in pg_write_all_data is there
grant pg_write_all_data to app;

-- a membership's admin option | membership acting in app: admin_option is false
revoke admin option for app from acting;

-- a reader of all data | membership acting in pg_read_all_data is missing
revoke pg_read_all_data from acting;

-- a role's setting missing | setting of role acting: work_mem is missing
alter role acting reset work_mem;

-- a role's setting | setting of role acting: work_mem is another
alter role acting set work_mem = '9MB';

-- a role's setting too many | setting of role app: search_path is there
alter role app set search_path = x;

-- a right on a parameter missing | right on parameter work_mem for app is ALTER SYSTEM, in the backup ALTER SYSTEM, SET
revoke set on parameter work_mem from app;

-- a right on a parameter for all | right on parameter log_min_messages for public is there
grant set on parameter log_min_messages to public;
