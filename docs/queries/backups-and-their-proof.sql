-- How each database was backed up in the 30 days before a moment: how often, how fast, how large, and when one was last proven by a restore.
-- Caveat: a backup made by another tool is not here; backup_completed in upkeep.answer tells of those.
\if :{?moment} \else \set moment now \endif

select
    target.name as target,
    target.owner,
    count(backup.id) filter (where backup.state = 'complete') as complete,
    count(backup.id) filter (where backup.state = 'failed') as failed,
    max(backup.snapshot_at) filter (where backup.state = 'complete') as newest_shows,
    pg_size_pretty(avg(backup.stored_bytes) filter (where backup.state = 'complete')) as mean_size,
    round(
        avg(extract(epoch from backup.finished_at - backup.begun_at)) filter (where backup.state = 'complete')
    ) as mean_seconds,
    proof.newest as last_proven
from upkeep.target as target
left join upkeep.backup as backup
    on backup.target = target.name
    and backup.begun_at > :'moment'::timestamptz - interval '30 days'
    and backup.begun_at <= :'moment'::timestamptz
left join lateral (
    select max(restore.finished_at) as newest
    from upkeep.restore as restore
    where restore.target = target.name
    and restore.state = 'proven'
    and restore.finished_at <= :'moment'::timestamptz
) as proof
    on true
where target.kind = 'databases'
and target.active
group by
    target.name,
    proof.newest
order by
    proof.newest nulls first,
    target.name;
