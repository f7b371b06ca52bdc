create or replace function upkeep.live_deployments(
    as_of timestamptz, since timestamptz default '-infinity', services text[] default null
)
returns table (
    service text,
    environment text,
    deployment text,
    version text,
    commit_id text,
    committed_at timestamptz,
    started_at timestamptz,
    live_at timestamptz,
    previous text,
    failed_at timestamptz,
    failed_why text,
    recovered_at timestamptz,
    recovered_by text,
    rework boolean
)
language sql stable as $$
    with lived as not materialized (
        select
            one.*,
            one.finished_at as live_at,
            coalesce(one.merged_as, one.commit_id, one.version) as what
        from upkeep.deployment as one
        where one.finished_at < as_of
        and (one.status in ('succeeded', 'rolled back') or (one.status = 'failed' and one.failed_at < as_of))
    ),

    recent as (
        select lived.*
        from lived
        where lived.live_at >= since
        and (services is null or lived.service = any(services))
    ),

    -- And of each service the one before them, which the first of them is compared with.
    live as (
        select recent.*
        from recent
        union all
        select earlier.*
        from (
            select distinct
                recent.service,
                recent.environment
            from recent
        ) as place
        cross join lateral (
            select lived.*
            from lived
            where lived.service = place.service
            and lived.environment = place.environment
            and lived.live_at < since
            order by
                lived.live_at desc,
                lived.deployment desc
            limit 1
        ) as earlier
    ),

    -- Materialized, or each of its uses below would look for it again.
    first_times as materialized (
        select
            live.*,
            (
                select min(lived.live_at)
                from lived
                where lived.service = live.service
                and lived.environment = live.environment
                and lived.what = live.what
            ) as first_at
        from live
    ),

    neighbours as (
        select
            one.*,
            dense_rank() over (order by one.service, one.environment, one.live_at) as moment,
            lag(one.deployment) over beside as previous,
            lead(one.live_at) over beside as next_at,
            -- What comes next had first been live before this was: this was taken back. The other way round it goes forward again.
            coalesce(lead(one.first_at) over beside < one.first_at and lead(one.what) over beside <> one.what, false) as taken_back,
            coalesce(one.first_at < lag(one.first_at) over beside and lag(one.what) over beside <> one.what, false) as takes_back
        from first_times as one
        window beside as (partition by one.service, one.environment order by one.live_at, one.deployment)
    ),

    judged as (
        select
            one.*,
            case when one.failed_at < as_of then one.failed_at end as marked_at,
            case when one.status = 'rolled back' then one.live_at end as rolled_at,
            case when one.taken_back then one.next_at end as taken_back_at
        from neighbours as one
    ),

    known as (
        select
            judged.*,
            least(judged.marked_at, judged.rolled_at, judged.taken_back_at) as known_at
        from judged
    ),

    recovering as (
        select
            known.*,
            min(known.moment) filter (where known.known_at is null) over (
                partition by
                    known.service,
                    known.environment
                order by known.moment desc
                groups between unbounded preceding and 1 preceding
            ) as good_moment
        from known
    ),

    good as (
        select
            known.moment,
            min(known.live_at) as live_at,
            min(known.deployment) as deployment
        from known
        where known.known_at is null
        group by known.moment
    )

    select
        one.service,
        one.environment,
        one.deployment,
        one.version,
        coalesce(one.merged_as, one.commit_id),
        one.committed_at,
        one.started_at,
        one.live_at,
        one.previous,
        one.known_at,
        case
            when one.known_at is null then null
            when one.marked_at is not null then coalesce(one.failed_why, 'marked as failed')
            else 'rolled back'
        end,
        good.live_at,
        good.deployment,
        case when one.takes_back then true else one.unplanned end
    from recovering as one
    left join good
        on one.known_at is not null
        and good.moment = one.good_moment
    where one.live_at >= since
$$;
comment on function upkeep.live_deployments is
'Deployments that went live before a moment, all or those since another and of the services named, and what was known of them then: failed_at when one was marked as failed, rolled back, or followed by what had first been live before it; recovered_at when the next one without a failure went live; rework when it was unplanned or took one back.';
