-- How each database is backed up: its newest complete backup, what failed since, its last proven restore, and what the checks said.
select
    target.name as target,
    target.owner,
    target.active,
    newest.id,
    newest.snapshot_at,
    newest.verified_at,
    newest.stored_bytes,
    newest.rows,
    newest.tables,
    newest.encrypted,
    newest.damaged,
    newest.location,
    newest.host,
    tried.state as tried_state,
    tried.begun_at as tried_at,
    tried.id as tried_id,
    newest.dag_id,
    newest.run_id,
    newest.task_id,
    newest.map_index,
    (select sum(stage.value::float8) from jsonb_each_text(newest.seconds) as stage) as took,
    kept.number as kept,
    kept.bytes as kept_bytes,
    failed.error as failure,
    failed.begun_at as failed_at,
    proven.finished_at as proven_at,
    proven.backup_id as proven_id,
    extract(epoch from proven.finished_at - proven.begun_at)::float8 as proven_took,
    completed.status::text as completed_status,
    completed.summary as completed_summary,
    retention.summary as retention_summary,
    retention.evidence as retention_evidence,
    count(*) over ()::integer as total
from upkeep.target as target
left join lateral (
    select *
    from upkeep.backup
    where backup.target = target.name
    and backup.state = 'complete'
    order by
        backup.snapshot_at desc,
        backup.id desc
    limit 1
) as newest
    on true
cross join lateral (
    select
        count(*)::integer as number,
        coalesce(sum(backup.stored_bytes), 0)::bigint as bytes
    from upkeep.backup
    where backup.target = target.name
    and backup.state = 'complete'
) as kept
left join lateral (
    select
        backup.error,
        backup.begun_at
    from upkeep.backup
    where backup.target = target.name
    and backup.state = 'failed'
    and backup.begun_at > coalesce(newest.begun_at, '-infinity')
    order by
        backup.begun_at desc,
        backup.id desc
    limit 1
) as failed
    on true
left join lateral (
    select *
    from upkeep.restore
    where restore.backup_id = newest.id
    and restore.state in ('proven', 'differs', 'failed')
    order by
        restore.begun_at desc,
        restore.id desc
    limit 1
) as tried
    on true
left join lateral (
    select *
    from upkeep.restore
    where restore.target = target.name
    and restore.state = 'proven'
    order by
        restore.begun_at desc,
        restore.id desc
    limit 1
) as proven
    on true
left join lateral (
    select *
    from upkeep.answer
    where answer.duty = 'backup_completed'
    and answer.target = target.name
    order by
        answer.window_end desc,
        answer.window_start desc
    limit 1
) as completed
    on true
left join lateral (
    select *
    from upkeep.answer
    where answer.duty = 'retention'
    and answer.target = target.name
    order by
        answer.window_end desc,
        answer.window_start desc
    limit 1
) as retention
    on true
where target.kind = 'databases'
and (target.active or newest.id is not null)
and (%(target)s::text is null or target.name = %(target)s)
order by
    target.active desc,
    newest.snapshot_at nulls first,
    target.name
limit %(limit)s
offset %(offset)s
