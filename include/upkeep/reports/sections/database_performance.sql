-- What every job on the databases changed in a window, table by table: shapes before and after, and rows that went into files.
-- Where a table was worked on more than once, the first shape before and the last one after stand for it.
select
    work.target,
    work.table_name,
    work.action as job,
    (array_agg(work.before order by work.begun_at, work.id))[1] as before,
    (array_agg(work.after order by work.begun_at desc, work.id desc))[1] as after,
    sum(work.removed_rows)::float8 as rows_gone,
    null::float8 as file_bytes,
    sum(work.seconds)::float8 as seconds
from upkeep.table_maintenance as work
where work.window_start >= %(start)s
and work.window_end <= %(end)s
and work.outcome = 'done'
group by
    work.target,
    work.table_name,
    work.action
union all
select
    archived.target,
    archived.archived_table,
    'archive',
    '{}'::jsonb,
    '{}'::jsonb,
    sum(archived.archived_rows)::float8,
    sum(archived.archived_bytes)::float8,
    sum(archived.seconds)::float8
from upkeep.archive_table as archived
where archived.window_start >= %(start)s
and archived.window_end <= %(end)s
and archived.archived_rows > 0
group by
    archived.target,
    archived.archived_table
order by
    target,
    table_name,
    job
