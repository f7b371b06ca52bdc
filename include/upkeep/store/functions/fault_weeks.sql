create or replace function upkeep.fault_weeks(since timestamptz, until timestamptz, repository text)
returns table (
    window_end timestamptz,
    repositories bigint,
    not_judged bigint,
    open_faults bigint,
    opened bigint,
    closed bigint
)
language sql stable as $$
    with looked as (
        select
            answer.target,
            answer.window_start,
            answer.window_end,
            answer.status,
            -- Two hours more: a week in which clocks are changed is as long as others.
            case
                when answer.window_end > since
                    then floor((extract(epoch from until - answer.window_end) + 7200) / 604800)::integer
            end as weeks_ago
        from upkeep.answer as answer
        where answer.duty = 'vulnerabilities'
        and answer.window_end <= until
        and (repository is null or answer.target = repository)
    ),

    judged as (
        select
            looked.*,
            row_number() over of_target as place,
            lead(looked.weeks_ago) over of_target as weeks_ago_after
        from looked
        where looked.status <> 'unknown'
        window of_target as (
            partition by looked.target
            order by
                looked.window_end,
                looked.window_start
        )
    ),

    -- Materialized, or it would be looked for once for each answer.
    held as materialized (
        select
            fault.target,
            fault.window_start,
            fault.window_end,
            fault.object
        from upkeep.vulnerability as fault
        where fault.duty = 'vulnerabilities'
        and fault.state in ('open', 'accepted')
        and fault.window_end <= until
        and (repository is null or fault.target = repository)
    ),

    lives as (
        select
            judged.weeks_ago,
            judged.weeks_ago_after,
            judged.place,
            lag(judged.place) over of_object as place_before,
            lead(judged.place) over of_object as place_after
        from judged
        inner join held
            on held.target = judged.target
            and held.window_start = judged.window_start
            and held.window_end = judged.window_end
        window of_object as (
            partition by
                held.target,
                held.object
            order by judged.place
        )
    ),

    counted as materialized (
        select
            lives.weeks_ago,
            lives.weeks_ago_after,
            count(*) as held,
            count(*) filter (where lives.place_before is distinct from lives.place - 1) as opened,
            count(*) filter (where lives.place_after is distinct from lives.place + 1) as ended
        from lives
        group by
            lives.weeks_ago,
            lives.weeks_ago_after
    )

    select
        max(looked.window_end) as window_end,
        count(distinct looked.target) as repositories,
        count(distinct looked.target)
            - count(distinct looked.target) filter (where looked.status <> 'unknown') as not_judged,
        -- The last answer of a repository in its week is followed by one of another week, or by none.
        (
            select coalesce(sum(counted.held), 0)::bigint
            from counted
            where counted.weeks_ago = looked.weeks_ago
            and counted.weeks_ago_after is distinct from looked.weeks_ago
        ) as open_faults,
        (select coalesce(sum(counted.opened), 0)::bigint from counted where counted.weeks_ago = looked.weeks_ago) as opened,
        (select coalesce(sum(counted.ended), 0)::bigint from counted where counted.weeks_ago_after = looked.weeks_ago) as closed
    from looked
    where looked.weeks_ago is not null
    group by looked.weeks_ago
    order by looked.weeks_ago desc
$$;
comment on function upkeep.fault_weeks(timestamptz, timestamptz, text) is
'Faults of packages by week, counted back from until and as far as since, of one repository or (null) of all: the last end of a window of vulnerabilities in the week, repositories looked at, of these never judged in it (unknown), faults that their last judged windows have (known then and not passed), and over all its windows those that the judged window before did not have, and those that it had and that are gone.';
