-- What a duty said about a target for the window that holds a moment, or about every target for the one that ended then.
-- Of several windows the shortest counts, and of those the one that was asked last.
select
    said.*,
    target.owner,
    count(*) over () as total
from (
    select distinct on (answer.target)
        answer.duty,
        answer.target,
        answer.window_start,
        answer.window_end,
        answer.cadence,
        answer.status::text as status,
        answer.summary,
        answer.evidence ->> 'remedy' as remedy,
        answer.asked_at,
        answer.seconds,
        answer.dag_id,
        answer.run_id,
        answer.task_id,
        answer.map_index
    from (
        select coalesce(%(day)s::timestamptz + interval '12 hours', %(at)s::timestamptz) as at
    ) as asked
    inner join upkeep.answer as answer
        on answer.window_start < asked.at
        and answer.window_end >= asked.at
        and answer.window_end <= asked.at + case when %(target)s::text is null then interval '0' else interval '366 days' end
    where answer.duty = %(duty)s
    and (%(target)s::text is null or answer.target = %(target)s)
    order by
        answer.target,
        answer.window_end - answer.window_start,
        answer.asked_at desc
) as said
left join upkeep.target as target
    on target.name = said.target
order by
    array_position(array['breach', 'unknown', 'ok'], said.status),
    said.target
limit %(limit)s
offset %(offset)s
