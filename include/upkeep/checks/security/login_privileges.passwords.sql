-- Login roles whose password is stored as an MD5 hash, which can be used to log in by whoever reads it.
-- Caveat: only a superuser may read the passwords; nothing of them is returned.
select role.rolname::text as name
from pg_catalog.pg_authid as role
where role.rolcanlogin
and role.rolpassword like 'md5%'
order by role.rolname
