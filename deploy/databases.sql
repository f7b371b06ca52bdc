-- The second database of the compose PostgreSQL: Airflow's own metadata. Upkeep's reports are in the first one, upkeep.
create database airflow owner upkeep;
