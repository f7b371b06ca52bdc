-- Those of some roles that are there and not this login itself, and whether it can use and become them by itself.
select
    r.rolname::pg_catalog.text,
    pg_catalog.pg_has_role(r.oid, 'usage')
    -- Before 16 every member may become the role.
    and pg_catalog.pg_has_role(
        r.oid, case when pg_catalog.current_setting('server_version_num')::pg_catalog.int4 >= 160000 then 'set' else 'member' end
    )
from pg_catalog.pg_roles as r
where r.rolname = any(%(roles)s) and r.rolname !~ '^pg_' and r.rolname <> current_user
order by r.rolname
