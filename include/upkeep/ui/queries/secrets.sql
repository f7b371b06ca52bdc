-- Secrets that are looked after, those that need somebody first, each as it was last seen or rotated since, with what secret_age said last and when its old value last died.
with kept as (
    select
        target.name,
        target.owner
    from upkeep.target
    where target.kind = 'secrets'
    and target.active
    and (%(name)s::text is null or target.name = %(name)s)
    and (%(text)s::text is null or position(lower(%(text)s) in lower(concat_ws(' ', target.name, target.owner))) > 0)
),

told as (
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
        case
            when asked.status = 'breach' or grace.state = 'failed' then 'needs somebody'
            when asked.status = 'unknown' then 'unknown'
            when grace.state in ('running', 'grace') or seen.pending_since is not null then 'under way'
            when asked.status is null then 'not asked yet'
            when held.since + seen.max_age_seconds * interval '1 second' <= %(now)s then 'due'
            else 'well'
        end as standing
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
)

select
    told.*,
    count(*) over () as total
from told
where %(standing)s::text is null
or told.standing = %(standing)s
order by
    array_position(%(standings)s::text[], told.standing),
    told.due_at nulls first,
    told.name
limit %(limit)s
offset %(offset)s
