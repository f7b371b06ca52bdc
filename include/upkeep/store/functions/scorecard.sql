create or replace function upkeep.scorecard(since timestamptz, until timestamptz)
returns table (
    place integer,
    measure text,
    value double precision,
    numerator double precision,
    denominator double precision,
    n bigint,
    unit text,
    better text,
    target double precision,
    met boolean,
    worst text,
    reason text,
    duty text
)
language sql stable as $$
    with service_days as (
        select signal.*
        from upkeep.target as service
        inner join upkeep.golden_signal_days(since, until) as signal
            on signal.target = service.name
        where service.kind = 'services'
    ),

    -- A service of which nothing at all was seen has answers, too, and no days.
    asked as (
        select count(*) as services
        from upkeep.target as service
        where service.kind = 'services'
        and exists (
            select
            from upkeep.answer as answer
            where answer.duty = 'golden_signals'
            and answer.target = service.name
            and answer.cadence = 'daily'
            -- Follows from the next line, and an index serves it.
            and answer.window_end > since
            and answer.window_start >= since
            and answer.window_end <= until
        )
    ),

    seen as (
        select
            (select sum(day.minutes_seen) from service_days as day)::float8 as minutes_seen,
            asked.services * extract(epoch from until - since)::float8 / 60 as minutes
        from asked
    ),

    signals as (
        select
            sum(day.requests)::float8 as requests,
            sum(day.errors)::float8 as errors,
            sum(day.slow)::float8 as slow,
            bool_and(day.slow is not null and day.slow_limit = 0.5) as slow_told,
            bool_or(day.p95_low >= 0.5) filter (where day.requests >= 100) as surely_slow,
            bool_and(coalesce(day.p95_high <= 0.5, false)) filter (where day.requests >= 100) as surely_quick,
            max(coalesce(day.p95_high, day.p95_low)) filter (where day.requests >= 100) as p95,
            (array_agg(day.target order by coalesce(day.p95_high, day.p95_low) desc nulls last, day.target)
                filter (where day.requests >= 100))[1] as slowest,
            (array_agg(day.target order by day.errors::float8 / day.requests desc, day.target))[1] as most_failing
        from service_days as day
        where day.requests > 0
    ),

    service_minutes as (
        select
            day.target,
            sum(day.minutes_told) as told,
            sum(day.minutes_down) as down
        from service_days as day
        group by day.target
    ),

    uptime as (
        select
            sum(each.told)::float8 as told,
            sum(each.told - each.down)::float8 as up,
            (array_agg(each.target order by each.down desc nulls last, each.target))[1] as most_down
        from service_minutes as each
    ),

    deployed as (
        select
            count(*) filter (where one.status <> 'cancelled')::float8 as ended,
            count(*) filter (where one.status in ('succeeded', 'rolled back') and live.failed_at is null)::float8 as well,
            exists (
                select
                from upkeep.deployment as ever
                where ever.environment = 'production'
                and ever.finished_at < until
            ) as ever
        from upkeep.deployment as one
        left join upkeep.live_deployments(until, since) as live
            on live.service = one.service
            and live.environment = one.environment
            and live.deployment = one.deployment
        where one.environment = 'production'
        and one.finished_at >= since
        and one.finished_at < until
    ),

    -- From its first import on, a service should have one of every hour.
    imports as (
        select sum(greatest(0, extract(epoch from until - greatest(since, first.at)) - told.seconds)) / 3600 as hours
        from upkeep.target as service
        cross join lateral (
            select min(answer.window_start) as at
            from upkeep.answer as answer
            where answer.duty = 'import_deployments'
            and answer.target = service.name
            and answer.window_start < until
        ) as first
        cross join lateral (
            select
                coalesce(
                    sum(extract(epoch from least(answer.window_end, until) - greatest(answer.window_start, since))), 0
                ) as seconds
            from upkeep.answer as answer
            where answer.duty = 'import_deployments'
            and answer.target = service.name
            and answer.status <> 'unknown'
            and answer.window_start < until
            and answer.window_end > since
        ) as told
        where service.kind = 'services'
        and service.active
        and first.at is not null
    ),

    looked as (
        select distinct on (answer.target)
            answer.target,
            answer.window_start,
            answer.window_end,
            answer.status
        from upkeep.answer as answer
        where answer.duty = 'vulnerabilities'
        and answer.window_end > since
        and answer.window_end <= until
        order by
            answer.target,
            answer.window_end desc,
            answer.window_start desc
    ),

    faults as (
        select
            count(fault.object)::float8 as open,
            count(distinct looked.target) as repositories,
            count(distinct looked.target) filter (where looked.status = 'unknown') as not_judged
        from looked
        left join upkeep.vulnerability as fault
            on fault.duty = 'vulnerabilities'
            and fault.target = looked.target
            and fault.window_start = looked.window_start
            and fault.window_end = looked.window_end
            and fault.state = 'open'
            and fault.severity in ('high', 'critical')
    ),

    singles as materialized (
        select
            metric.name,
            metric.labels ->> 'object' as host,
            metric.value,
            metric.numerator,
            metric.denominator,
            metric.window_start,
            metric.window_end
        from upkeep.metric as metric
        where (metric.duty, metric.name) in (('cache', 'hit_rate'), ('infrastructure', 'cpu'), ('infrastructure', 'memory'), ('infrastructure', 'disk'))
        and metric.at > since
        and metric.at <= until
        and metric.window_start >= since
        and metric.window_end <= until
    ),

    covered as (
        select
            each.name,
            sum(extract(epoch from each.window_end - each.window_start)) / 86400 as days
        from (select distinct one.name, one.window_start, one.window_end from singles as one) as each
        group by each.name
    ),

    too_few as (
        select
            covered.name,
            format('%s of %s days were measured', round(covered.days, 1)::float8, round(given.days, 1)::float8) as reason
        from covered
        inner join (select extract(epoch from until - since) / 86400 as days) as given
            on covered.days < 0.5 * given.days
    ),

    cache as (
        select
            sum(single.numerator) as hits,
            sum(single.denominator) as lookups
        from singles as single
        where single.name = 'hit_rate'
    ),

    hosts as (
        select
            single.name,
            single.host,
            avg(single.value) as average,
            max(single.value) as highest,
            count(*) as n
        from singles as single
        where single.name <> 'hit_rate'
        group by
            single.name,
            single.host
    ),

    resources as (
        select distinct on (host.name)
            host.name,
            case host.name when 'disk' then host.highest else host.average end as value,
            sum(host.n) over (partition by host.name) as n,
            host.host
        from hosts as host
        order by
            host.name,
            case host.name when 'disk' then host.highest else host.average end desc,
            host.host
    ),

    detected as (
        select
            avg(one.seconds) as seconds,
            count(*) as n,
            (array_agg(one.service order by one.seconds desc, one.service))[1] as slowest
        from upkeep.detection as one
        where one.came_at > since
        and one.came_at <= until
    ),

    measured (place, measure, value, numerator, denominator, n, unit, better, target, worst, reason, duty) as (
        select
            1, 'uptime', uptime.up / nullif(uptime.told, 0), uptime.up, uptime.told, uptime.told::bigint, '1', 'above', 0.999::float8,
            case when uptime.up < uptime.told then uptime.most_down end,
            case
                when coalesce(uptime.told, 0) = 0 then 'no minute with requests was seen'
                when seen.minutes_seen < 0.5 * seen.minutes
                    then format('%s of %s minutes were seen', seen.minutes_seen::bigint, seen.minutes::bigint)
            end,
            'golden_signals'
        from uptime
        cross join seen
        union all
        select
            2, 'response time', case when signals.slow_told then signals.slow / signals.requests else signals.p95 end,
            case when signals.slow_told then signals.slow end, case when signals.slow_told then signals.requests end,
            signals.requests::bigint, case when signals.slow_told then '1' else 's' end, 'below',
            case when signals.slow_told then 0.05 else 0.5 end::float8, case when not signals.slow_told then signals.slowest end,
            case
                when signals.requests is null then 'no request was seen'
                when seen.minutes_seen < 0.5 * seen.minutes
                    then format('%s of %s minutes were seen', seen.minutes_seen::bigint, seen.minutes::bigint)
                when not signals.slow_told and signals.p95 is null then 'no latency is known'
                when not signals.slow_told and not coalesce(signals.surely_slow, false) and not signals.surely_quick
                    then 'cannot be told: 500 ms lies within the bounds of the percentile, or of a service none is known'
            end,
            'golden_signals'
        from signals
        cross join seen
        union all
        select
            3, 'error rate', signals.errors / signals.requests, signals.errors, signals.requests, signals.requests::bigint, '1',
            'below', 0.001, case when signals.errors > 0 then signals.most_failing end,
            case
                when signals.requests is null then 'no request was seen'
                when seen.minutes_seen < 0.5 * seen.minutes
                    then format('%s of %s minutes were seen', seen.minutes_seen::bigint, seen.minutes::bigint)
            end,
            'golden_signals'
        from signals
        cross join seen
        union all
        select
            4, 'time to detect', detected.seconds, null, null, detected.n, 's', 'below', 300, detected.slowest,
            case when detected.n = 0 then 'nothing happened that would have paged, or nobody replayed it' end, 'slo'
        from detected
        union all
        select
            5, 'time to resolve', null, null, null, null, 's', 'below', 3600, null,
            'incidents are not recorded yet', 'response_times'
        union all
        select
            6, 'deployment frequency', deployed.well / (extract(epoch from until - since)::float8 / 86400), deployed.well,
            extract(epoch from until - since)::float8 / 86400, deployed.well::bigint, 'count/d', 'at least', 1, null,
            case
                when not deployed.ever then 'nobody told of a deployment to production'
                when imports.hours > 0 then format('imports of deployments lack %s h', round(imports.hours, 1)::float8)
            end,
            'deployments'
        from deployed
        cross join imports
        union all
        select
            7, 'deployment success', deployed.well / nullif(deployed.ended, 0), deployed.well, deployed.ended, deployed.ended::bigint,
            '1', 'above', 0.95, null,
            case
                when not deployed.ever then 'nobody told of a deployment to production'
                when imports.hours > 0 then format('imports of deployments lack %s h', round(imports.hours, 1)::float8)
                when deployed.ended = 0 then 'nothing was deployed'
            end,
            'deployments'
        from deployed
        cross join imports
        union all
        select
            8, 'test coverage', null, null, null, null, '1', 'above', 0.8, null, 'reports of pipelines are not read yet', 'ci_scans'
        union all
        select
            9, 'open vulnerabilities', faults.open, null, null, faults.repositories, 'count', 'at most', 0, null,
            case
                when faults.repositories = 0 then 'no repository was looked at'
                when faults.open = 0 and faults.not_judged > 0
                    then format('%s of %s repositories could not be judged', faults.not_judged, faults.repositories)
            end,
            'vulnerabilities'
        from faults
        union all
        select
            10, 'customer satisfaction', null, null, null, null, 'count', 'above', 4, null, 'surveys are not read yet', 'satisfaction'
        union all
        select
            11, 'cache hit rate', cache.hits / nullif(cache.lookups, 0), cache.hits, cache.lookups, cache.lookups::bigint, '1', 'above',
            0.8, null, case when coalesce(cache.lookups, 0) = 0 then 'no lookup of a cache was seen' else too_few.reason end, 'cache'
        from cache
        left join too_few
            on too_few.name = 'hit_rate'
        union all
        select
            each.place, each.measure, found.value, null, null, found.n::bigint, '1', 'below', each.target, found.host,
            case when found.name is null then 'no host was measured' else too_few.reason end, 'infrastructure'
        from (
            values
                (12, 'CPU', 'cpu', 0.7::float8),
                (13, 'memory', 'memory', 0.8),
                (14, 'disk', 'disk', 0.8)
        ) as each (place, measure, name, target)
        left join resources as found
            on found.name = each.name
        left join too_few
            on too_few.name = each.name
    )

    select
        one.place,
        one.measure,
        case when one.reason is null then one.value end,
        case when one.reason is null then one.numerator end,
        case when one.reason is null then one.denominator end,
        case when one.reason is null then one.n end,
        one.unit,
        one.better,
        one.target,
        case
            when one.reason is not null then null
            when one.better = 'above' then one.value > one.target
            when one.better = 'at least' then one.value >= one.target
            when one.better = 'at most' then one.value <= one.target
            else one.value < one.target
        end,
        case when one.reason is null then one.worst end,
        one.reason,
        one.duty
    from measured as one
    order by one.place
$$;
comment on function upkeep.scorecard is
'The targets of the whole system over a window, by counts of whole windows inside it: value, numerator, denominator, n, target and whether it is met; reason where it is unknown, and then nothing else. Of what was seen, imported or measured for too little of the window nothing is said. A minute is down when half of its requests failed; minutes without requests count neither way. time to detect is from the first bad minute of an outage to the first page that its burn rate would have sent. response time is the share of requests slower than 500 ms (unit 1), or the worst daily 95th percentile (unit s) where that is not counted for all services. duty is what it is made of.';
