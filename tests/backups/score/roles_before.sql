-- Roles that stand behind those of hostile.sql.
create role acting login connection limit 3 valid until '2030-01-01';
grant app to acting with admin option;
grant pg_read_all_data to acting;
alter role acting set work_mem = '8MB';
alter role acting set search_path = app, public;
comment on role acting is 'acts as app';
grant set, alter system on parameter work_mem to app;
create role stranger login createdb;
