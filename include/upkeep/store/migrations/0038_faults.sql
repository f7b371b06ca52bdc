create function upkeep.fault_weeks(since timestamptz, until timestamptz, repository text)
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
            floor((extract(epoch from until - answer.window_end) + 7200) / 604800) as weeks_ago,
            lag(answer.window_start) over of_target as start_before,
            lag(answer.window_end) over of_target as end_before
        from upkeep.answer as answer
        where answer.duty = 'vulnerabilities'
        and answer.window_end <= until
        and (repository is null or answer.target = repository)
        window of_target as (
            partition by answer.target, answer.status = 'unknown'
            order by answer.window_end, answer.window_start
        )
    ),

    held as (
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

    judged as (
        select
            looked.*,
            lead(looked.window_end) over (
                partition by looked.target, looked.weeks_ago
                order by looked.window_end, looked.window_start
            ) is null as is_last
        from looked
        where looked.status <> 'unknown'
        and looked.window_end > since
    ),

    counted as (
        select
            judged.weeks_ago,
            judged.is_last as is_open,
            earlier.object is null as is_new,
            false as is_gone
        from judged
        inner join held as now_held
            on now_held.target = judged.target
            and now_held.window_start = judged.window_start
            and now_held.window_end = judged.window_end
        left join held as earlier
            on earlier.target = judged.target
            and earlier.window_start = judged.start_before
            and earlier.window_end = judged.end_before
            and earlier.object = now_held.object
        union all
        select
            judged.weeks_ago,
            false,
            false,
            true
        from judged
        inner join held as earlier
            on earlier.target = judged.target
            and earlier.window_start = judged.start_before
            and earlier.window_end = judged.end_before
        where not exists (
            select
            from held as now_held
            where now_held.target = judged.target
            and now_held.window_start = judged.window_start
            and now_held.window_end = judged.window_end
            and now_held.object = earlier.object
        )
    ),

    faults as (
        select
            counted.weeks_ago,
            count(*) filter (where counted.is_open) as open_faults,
            count(*) filter (where counted.is_new) as opened,
            count(*) filter (where counted.is_gone) as closed
        from counted
        group by counted.weeks_ago
    )

    select
        max(looked.window_end) as window_end,
        count(distinct looked.target) as repositories,
        count(distinct looked.target)
            - count(distinct looked.target) filter (where looked.status <> 'unknown') as not_judged,
        coalesce(max(faults.open_faults), 0) as open_faults,
        coalesce(max(faults.opened), 0) as opened,
        coalesce(max(faults.closed), 0) as closed
    from looked
    left join faults
        on faults.weeks_ago = looked.weeks_ago
    where looked.window_end > since
    group by looked.weeks_ago
    order by looked.weeks_ago desc
$$;
comment on function upkeep.fault_weeks(timestamptz, timestamptz, text) is
'Faults of packages by week, counted back from until and as far as since, of one repository or (null) of all: the last end of a window of vulnerabilities in the week, repositories looked at, of these never judged in it (unknown), faults that their last judged windows have (known then and not passed), and over all its windows those that the judged window before did not have, and those that it had and that are gone.';
alter table upkeep.vulnerability add column imported_by text;
comment on column upkeep.vulnerability.imported_by is
'Hint for packages of Python: a source file of the repository that imports it; empty when none does, null where that was not looked at. What is loaded by name or by other packages is not seen, so that nothing is hidden for it.';
