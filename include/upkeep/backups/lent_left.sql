-- Roles that a restore had lent to this login and whose attempt has no session any more.
select r.rolname::pg_catalog.text
from pg_catalog.pg_roles as r
where pg_catalog.starts_with(r.rolname::pg_catalog.text, %(prefix)s)
    and pg_catalog.pg_has_role(r.oid, 'member')
    and not exists (
        select
        from pg_catalog.pg_stat_activity as a
        where a.application_name = %(application)s || pg_catalog.regexp_replace(
            pg_catalog.substr(r.rolname::pg_catalog.text, pg_catalog.length(%(prefix)s) + 1), %(owners)s, ''
        )
    )
