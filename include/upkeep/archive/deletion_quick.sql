-- Deletes what stands at these places, but only versions that were there before a transaction.
delete from only {table} as t
where t.ctid = any(%(places)s::pg_catalog.tid[])
and pg_catalog.age(t.xmin) > (select pg_catalog.age(%(horizon)s::pg_catalog.xid))
