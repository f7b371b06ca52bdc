-- What is open at a moment, joined with who owns it, who asked it when, and how its database grew in the 30 days before: an example of joins.
-- Caveat: growth is that of the largest database of the target; a target without that number has none.
\if :{?moment} \else \set moment now \endif

select
    finding.severity,
    finding.target,
    target.owner,
    duty.area,
    finding.duty,
    finding.object,
    finding.title,
    finding.found_at,
    finding.due_at,
    finding.waived,
    answer.asked_at as seen_last_at,
    answer.seconds as asking_took_s,
    pg_size_pretty((growth.last_bytes - growth.first_bytes)::bigint) as database_grew
from upkeep.findings_as_of(:'moment') as finding
inner join upkeep.target as target
    on target.name = finding.target
inner join upkeep.duty as duty
    on duty.name = finding.duty
inner join upkeep.answer as answer
    on answer.duty = finding.duty
    and answer.target = finding.target
    and answer.window_end = finding.last_seen
left join lateral (
    select
        (array_agg(day.last order by day.day))[1] as first_bytes,
        (array_agg(day.last order by day.day desc))[1] as last_bytes
    from upkeep.metric_day as day
    where day.target = finding.target
    and day.name = 'database_bytes'
    and day.day >= :'moment'::date - 30
    group by day.labels
    order by max(day.last) desc
    limit 1
) as growth
    on true
where finding.active
order by
    finding.waived,
    finding.severity desc,
    finding.due_at,
    finding.target,
    finding.duty,
    finding.object
limit 100;
