-- The backups of each database in a window: how many were complete, failed or left out, how large and how long, and before.
-- A backup that retention deleted afterwards was complete all the same; one known to be damaged is none. `days` are those of the
-- window on which none was complete.
with counted as (
    select
        backup.target,
        count(*) filter (where backup.whole and backup.this) as complete,
        count(*) filter (where not backup.whole and backup.this) as failed,
        avg(backup.stored_bytes) filter (where backup.whole and backup.this)::float8 as stored_bytes,
        avg(backup.stored_bytes) filter (where backup.whole and not backup.this)::float8 as stored_bytes_before,
        avg(backup.took) filter (where backup.whole and backup.this)::float8 as seconds,
        avg(backup.took) filter (where backup.whole and not backup.this)::float8 as seconds_before,
        max(backup.snapshot_at) filter (where backup.whole) as newest_at
    from (
        select
            found.*,
            found.verified_at is not null and found.damaged is null and found.state in ('complete', 'deleting', 'deleted') as whole,
            found.window_end > %(start)s as this,
            (select sum(stage.value::float8) from jsonb_each_text(found.seconds) as stage) as took
        from upkeep.backup as found
        where found.window_end <= %(end)s
        and found.window_end > %(start)s::timestamptz - (%(end)s::timestamptz - %(start)s::timestamptz)
        and found.state <> 'taking'
    ) as backup
    group by backup.target
)
select
    target.name as target,
    coalesce(counted.complete, 0) as complete,
    coalesce(counted.failed, 0) as failed,
    (
        select count(*)
        from upkeep.run as run
        where run.cadence = 'daily'
        and run.window_start >= %(start)s
        and run.window_end <= %(end)s
        and not exists (
            select
            from upkeep.backup as backup
            where backup.target = target.name
            and backup.window_end > run.window_start
            and backup.window_end <= run.window_end
            and backup.verified_at is not null
            and backup.damaged is null
            and backup.state in ('complete', 'deleting', 'deleted')
        )
    ) as days_without,
    counted.stored_bytes,
    counted.stored_bytes_before,
    counted.seconds,
    counted.seconds_before,
    counted.newest_at,
    (
        select max(restore.finished_at)
        from upkeep.restore as restore
        where restore.target = target.name
        and restore.state = 'proven'
        and restore.finished_at <= %(end)s
    ) as proven_at
from upkeep.target as target
left join counted
    on counted.target = target.name
where counted.target is not null
or (
    target.active
    and exists (
        select
        from upkeep.answer as answer
        where answer.duty = 'backup'
        and answer.target = target.name
        and answer.status <> 'unknown'
        and answer.window_start >= %(start)s
        and answer.window_end <= %(end)s
    )
)
order by target.name
