-- Counters of every statement of this database, dearest first. Columns that not every version of the extension has (1.8 to 1.12;
-- an upgraded server may keep an old one) are read through jsonb; texts are not loaded. Times are without planning.
-- A statement that ran both by itself and within a function has two entries that an extension before 1.9 does not tell apart: one sum.
with counted as (
    select
        statement.queryid,
        statement.userid,
        statement.calls,
        statement.rows,
        statement.temp_blks_written,
        pg_catalog.to_jsonb(statement) as counters
    from pg_stat_statements(false) as statement
    inner join pg_catalog.pg_database as database
        on database.oid = statement.dbid
    where database.datname = pg_catalog.current_database()
    and statement.queryid is not null
)

select
    queryid,
    userid::bigint as userid,
    coalesce((counters ->> 'toplevel')::boolean, true) as toplevel,
    sum(calls)::bigint as calls,
    sum((counters ->> 'total_exec_time')::float8) as total_ms,
    sum(rows)::bigint as rows,
    (sum(temp_blks_written) * pg_catalog.current_setting('block_size')::bigint)::bigint as temp_bytes,
    sum(coalesce((counters ->> 'wal_bytes')::numeric, 0))::bigint as wal_bytes,
    min((counters ->> 'stats_since')::timestamptz) as since
from counted
group by
    queryid,
    userid,
    coalesce((counters ->> 'toplevel')::boolean, true)
order by
    total_ms desc,
    queryid,
    userid,
    toplevel
