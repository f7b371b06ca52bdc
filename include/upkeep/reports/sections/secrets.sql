-- Secrets as they stood at the end of a window: rotated in it, when each is due next, and what was in the way by the last look.
select
    asked.target,
    seen.identity,
    seen.current_since,
    seen.current_since + seen.max_age_seconds * interval '1 second' as due_at,
    seen.max_age_seconds,
    %(end)s::timestamptz - seen.current_since as age,
    asked.status,
    asked.summary,
    made.rotations,
    made.compromised,
    proof.dead_at,
    proof.old as dead,
    coalesce(wrong.titles, '{}') as wrong
from (
    select distinct on (answer.target) answer.*
    from upkeep.answer
    where answer.duty = 'secret_age'
    and answer.window_end <= %(end)s
    and answer.window_end > %(start)s
    order by
        answer.target,
        answer.window_end desc,
        answer.window_start desc
) as asked
left join lateral (
    select secret.*
    from upkeep.secret
    where secret.duty = 'secret_age'
    and secret.target = asked.target
    and secret.window_end <= %(end)s
    order by
        secret.window_start desc,
        secret.window_end desc
    limit 1
) as seen
    on true
cross join lateral (
    select
        count(*) as rotations,
        count(*) filter (where rotation.reason = 'compromised') as compromised
    from upkeep.rotation
    where rotation.secret = asked.target
    and rotation.promoted_at >= %(start)s
    and rotation.promoted_at < %(end)s
) as made
left join lateral (
    select
        rotation.dead_at,
        rotation.old
    from upkeep.rotation
    where rotation.secret = asked.target
    and rotation.dead_at < %(end)s
    order by rotation.dead_at desc
    limit 1
) as proof
    on true
left join lateral (
    select array_agg(finding.title order by finding.severity desc, finding.title) as titles
    from upkeep.finding
    inner join (
        select
            answer.duty,
            max(answer.window_end) as window_end
        from upkeep.answer
        where answer.target = asked.target
        and answer.duty in ('secret_age', 'secret_rotation')
        and answer.window_end <= %(end)s
        group by answer.duty
    ) as newest
        on newest.duty = finding.duty
        and newest.window_end = finding.window_end
    where finding.target = asked.target
) as wrong
    on true
order by
    due_at nulls first,
    asked.target
