-- What was done to tables to keep them in shape, newest first, of one target or of all.
select
    work.target,
    work.table_name,
    work.action,
    work.reasons,
    work.outcome,
    work.message,
    work.begun_at,
    work.seconds,
    work.predicted_rows,
    work.removed_rows,
    work.kept_rows,
    work.wal_bytes,
    work.held_back_by,
    (work.before ->> 'dead')::float8 as dead_before,
    (work.after ->> 'dead')::float8 as dead_after,
    (work.before ->> 'table_bytes')::float8 as bytes_before,
    (work.after ->> 'table_bytes')::float8 as bytes_after,
    (work.before ->> 'xid_age')::float8 as age_before,
    (work.after ->> 'xid_age')::float8 as age_after,
    (work.after ->> 'visible_pages')::float8 / nullif((work.after ->> 'pages')::float8, 0) as visible_after,
    work.duty,
    work.dag_id,
    work.run_id,
    work.task_id,
    work.map_index,
    (
        select count(*)
        from upkeep.table_maintenance as every
        where (%(target)s::text is null or every.target = %(target)s)
    ) as total
from upkeep.table_maintenance as work
where (%(target)s::text is null or work.target = %(target)s)
order by
    work.begun_at desc,
    work.id
limit %(limit)s
offset %(offset)s
