-- How long restores of each database took in the year before a moment, beside what they restored: the time that a disaster would cost.
-- Caveat: the time depends on the machine that was restored into.
\if :{?moment} \else \set moment now \endif

select
    restore.target,
    restore.state,
    count(*) as restores,
    round(avg(extract(epoch from restore.finished_at - restore.begun_at))) as mean_seconds,
    round(max(extract(epoch from restore.finished_at - restore.begun_at))) as longest_seconds,
    pg_size_pretty(avg(backup.raw_bytes)) as mean_content,
    pg_size_pretty(sum(backup.raw_bytes) / nullif(sum(extract(epoch from restore.finished_at - restore.begun_at)), 0)) as a_second,
    max(restore.finished_at) as newest
from upkeep.restore as restore
left join upkeep.backup as backup
    on backup.id = restore.backup_id
where restore.begun_at > :'moment'::timestamptz - interval '1 year'
and restore.begun_at <= :'moment'::timestamptz
group by
    restore.target,
    restore.state
order by
    restore.target,
    restore.state;
