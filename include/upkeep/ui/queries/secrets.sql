-- Secrets that are looked after, first due first, each as it was last seen or rotated since, with what secret_age said last and when its old value last died.
with kept as (
    select
        target.name,
        target.owner
    from upkeep.target
    where target.kind = 'secrets'
    and target.active
    and (%(name)s::text is null or target.name = %(name)s)
)

select
    kept.name,
    kept.owner,
    seen.store,
    seen.opens,
    case when made.promoted_at > seen.current_since then made.new else seen.identity end as identity,
    held.since as current_since,
    seen.max_age_seconds,
    seen.grace_seconds,
    seen.cache_seconds,
    held.since + seen.max_age_seconds * interval '1 second' as due_at,
    extract(epoch from %(now)s - held.since)::float8 as age_seconds,
    seen.pending_since,
    seen.used_by,
    seen.used_at,
    seen.watched_since,
    proof.dead_at,
    proof.old as dead,
    grace.promoted_at + seen.grace_seconds * interval '1 second' as old_works_until,
    grace.old as in_grace,
    asked.status,
    asked.summary,
    asked.evidence ->> 'remedy' as remedy,
    asked.asked_at,
    'secret_age' as duty,
    asked.dag_id,
    asked.run_id,
    asked.task_id,
    asked.map_index,
    count(*) over () as total
from kept
left join upkeep.current_answer as asked
    on asked.target = kept.name
    and asked.duty = 'secret_age'
left join lateral (
    select secret.*
    from upkeep.secret
    where secret.duty = 'secret_age'
    and secret.target = kept.name
    order by
        secret.window_start desc,
        secret.window_end desc
    limit 1
) as seen
    on true
left join lateral (
    select
        rotation.promoted_at,
        rotation.new
    from upkeep.rotation
    where rotation.secret = kept.name
    and rotation.promoted_at is not null
    order by rotation.promoted_at desc
    limit 1
) as made
    on true
cross join lateral (
    select case when seen.current_since is not null then greatest(seen.current_since, made.promoted_at) end as since
) as held
left join lateral (
    select
        rotation.dead_at,
        rotation.old
    from upkeep.rotation
    where rotation.secret = kept.name
    and rotation.dead_at is not null
    order by rotation.dead_at desc
    limit 1
) as proof
    on true
left join lateral (
    select
        newest.promoted_at,
        newest.old,
        newest.state
    from upkeep.rotation as newest
    where newest.secret = kept.name
    order by
        newest.begun_at desc,
        newest.id desc
    limit 1
) as grace
    on grace.state = 'grace'
order by
    due_at nulls first,
    kept.name
limit %(limit)s
offset %(offset)s
