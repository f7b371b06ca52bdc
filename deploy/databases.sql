-- Run once, as the superuser `postgres`, when the compose PostgreSQL first starts. Each program has a login that owns what is its own.
\set ON_ERROR_STOP on
\set metadata_password `cat /secrets/metadata_login`
\set reports_password `cat /secrets/reports_login`
\set monitor_password `cat /secrets/monitor_login`

create role airflow login password :'metadata_password';
create role upkeep login password :'reports_password';
create role upkeep_reader nologin;
create role upkeep_monitor login password :'monitor_password' in role pg_monitor;

create database airflow owner airflow encoding 'UTF8' template template0;
create database upkeep encoding 'UTF8' template template0;
revoke all on database airflow, upkeep from public;
grant connect, temporary on database upkeep to upkeep;
grant connect on database upkeep to upkeep_reader;
grant connect on database airflow, upkeep to upkeep_monitor;
alter role upkeep_reader in database upkeep set search_path = upkeep, public;

\connect upkeep
create schema upkeep authorization upkeep;

-- Old rows of Airflow's tables are counted before anybody is asked whether they may go.
\connect airflow
alter default privileges for role airflow in schema public grant select on tables to upkeep_monitor;
