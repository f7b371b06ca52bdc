-- Deletes rows that follow one another by date and place, but only versions that were there before a transaction. The pages
-- between which they stand are read as a whole.
delete from only {table} as t
where t.ctid >= %(lowest)s::pg_catalog.tid
and t.ctid <= %(highest)s::pg_catalog.tid
and t.{column} >= {first}
and t.{column} <= {last}
and (t.{column} > {first} or t.ctid >= %(first_place)s::pg_catalog.tid)
and (t.{column} < {last} or t.ctid <= %(last_place)s::pg_catalog.tid)
and pg_catalog.age(t.xmin) > (select pg_catalog.age(%(horizon)s::pg_catalog.xid))
