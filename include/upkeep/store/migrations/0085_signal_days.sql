-- Days of services, deployments and the scorecard, in a time that grows with what is asked for: with some hundred services each of
-- their days was compared with every other, and so was each deployment that ever was.

create index table_maintenance_by_moment on upkeep.table_maintenance (begun_at desc, id);

drop function upkeep.golden_signal_days(timestamptz, timestamptz);

create function upkeep.golden_signal_days(since timestamptz, until timestamptz, services text[] default null)
returns setof upkeep.golden_signal
language sql stable as $$
    with days as (
        select
            signal,
            signal.duty,
            signal.target,
            signal.window_start,
            signal.window_end,
            coalesce(
                max(signal.window_end) over (
                    partition by signal.target
                    order by
                        signal.window_start,
                        signal.window_end
                    rows between unbounded preceding and 1 preceding
                ) > signal.window_start,
                false
            )
            or coalesce(
                lead(signal.window_start) over (
                    partition by signal.target
                    order by
                        signal.window_start,
                        signal.window_end
                ) < signal.window_end,
                false
            ) as overlaps
        from upkeep.golden_signal as signal
        where signal.duty = 'golden_signals'
        and signal.window_start >= since
        and signal.window_end <= until
        and (services is null or signal.target = any(services))
    ),

    overlapping as (
        select
            day.*,
            answer.asked_at
        from days as day
        inner join upkeep.answer as answer
            using (duty, target, window_start, window_end)
        where day.overlaps
    )

    select (day.signal).*
    from days as day
    where not day.overlaps
    union all
    select (day.signal).*
    from overlapping as day
    where not exists (
        select
        from overlapping as newer
        where newer.target = day.target
        and newer.window_start < day.window_end
        and newer.window_end > day.window_start
        and (newer.asked_at, newer.window_start) > (day.asked_at, day.window_start)
    )
$$;

comment on function upkeep.golden_signal_days(timestamptz, timestamptz, text[]) is 'Days of services inside a span, of all or of those named, none of whose minutes counts twice: where windows overlap, as after a change of the schedule, the one that was asked last counts.';

drop index upkeep.deployment_by_time;
create index deployment_by_time on upkeep.deployment (service, environment, finished_at, deployment);
create index deployment_by_end on upkeep.deployment (finished_at);
create index deployment_by_what on upkeep.deployment (service, environment, coalesce(merged_as, commit_id, version), finished_at);

drop function upkeep.live_deployments(timestamptz);

create function upkeep.live_deployments(as_of timestamptz, since timestamptz default '-infinity', services text[] default null)
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
    with live as (
        select
            one.*,
            one.finished_at as live_at,
            coalesce(one.merged_as, one.commit_id, one.version) as what
        from upkeep.deployment as one
        where one.finished_at >= since
        and one.finished_at < as_of
        and (one.status in ('succeeded', 'rolled back') or (one.status = 'failed' and one.failed_at < as_of))
        and (services is null or one.service = any(services))
    ),

    first_times as (
        select
            live.*,
            (
                select min(earlier.finished_at)
                from upkeep.deployment as earlier
                where earlier.service = live.service
                and earlier.environment = live.environment
                and coalesce(earlier.merged_as, earlier.commit_id, earlier.version) = live.what
                and earlier.finished_at < as_of
                and (earlier.status in ('succeeded', 'rolled back') or (earlier.status = 'failed' and earlier.failed_at < as_of))
            ) as first_at,
            before.deployment as previous,
            before.live_at as previous_at,
            before.what as previous_what
        from live
        left join lateral (
            select
                earlier.deployment,
                earlier.finished_at as live_at,
                coalesce(earlier.merged_as, earlier.commit_id, earlier.version) as what
            from upkeep.deployment as earlier
            where earlier.service = live.service
            and earlier.environment = live.environment
            and (earlier.finished_at, earlier.deployment) < (live.finished_at, live.deployment)
            and (earlier.status in ('succeeded', 'rolled back') or (earlier.status = 'failed' and earlier.failed_at < as_of))
            order by
                earlier.finished_at desc,
                earlier.deployment desc
            limit 1
        ) as before
            on true
    ),

    neighbours as (
        select
            one.*,
            lead(one.live_at) over beside as next_at,
            -- The next one had been live before this one was: this one was taken back.
            coalesce(lead(one.first_at) over beside < one.live_at and lead(one.what) over beside <> one.what, false) as taken_back,
            coalesce(one.first_at < one.previous_at and one.previous_what <> one.what, false) as takes_back
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
            min(known.live_at) filter (where known.known_at is null) over (
                partition by
                    known.service,
                    known.environment
                order by known.live_at desc
                groups between unbounded preceding and 1 preceding
            ) as good_at
        from known
    ),

    good as (
        select
            known.service,
            known.environment,
            known.live_at,
            min(known.deployment) as deployment
        from known
        where known.known_at is null
        group by
            known.service,
            known.environment,
            known.live_at
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
        and good.service = one.service
        and good.environment = one.environment
        and good.live_at = one.good_at
$$;

comment on function upkeep.live_deployments(timestamptz, timestamptz, text[]) is
'Deployments that went live before a moment, all or those since another and of the services named, and what was known of them then: failed_at when one was marked as failed, rolled back, or followed by what had been live before; recovered_at when the next one without a failure went live; rework when it was unplanned or took one back.';

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

    seen as (
        select
            sum(minutes_seen)::float8 as minutes_seen,
            count(distinct day.target) * extract(epoch from until - since)::float8 / 60 as minutes
        from service_days as day
    ),

    signals as (
        select
            sum(day.requests)::float8 as requests,
            sum(day.errors)::float8 as errors,
            sum(day.slow)::float8 as slow,
            bool_and(day.slow is not null and day.slow_limit = 0.5) as slow_told,
            bool_or(day.p95_low >= 0.5) as surely_slow,
            bool_and(coalesce(day.p95_high <= 0.5, false)) as surely_quick,
            max(coalesce(day.p95_high, day.p95_low)) as p95,
            (array_agg(day.target order by coalesce(day.p95_high, day.p95_low) desc nulls last, day.target))[1] as slowest,
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

    imports as (
        select count(*) filter (where answer.status = 'unknown') as missing
        from upkeep.answer as answer
        where answer.duty = 'import_deployments'
        and answer.window_start >= since
        and answer.window_end <= until
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

    cache as (
        select
            sum(metric.numerator) as hits,
            sum(metric.denominator) as lookups
        from upkeep.metric as metric
        where metric.duty = 'cache'
        and metric.name = 'hit_rate'
        and metric.at > since
        and metric.at <= until
        and metric.window_start >= since
        and metric.window_end <= until
    ),

    hosts as (
        select
            metric.name,
            metric.labels ->> 'object' as host,
            avg(metric.value) as average,
            max(metric.value) as highest,
            count(*) as n
        from upkeep.metric as metric
        where metric.duty = 'infrastructure'
        and metric.name in ('cpu', 'memory', 'disk')
        and metric.at > since
        and metric.at <= until
        and metric.window_start >= since
        and metric.window_end <= until
        group by
            metric.name,
            metric.labels ->> 'object'
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
                when imports.missing > 0 then format('%s imports of deployments are unknown', imports.missing)
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
                when imports.missing > 0 then format('%s imports of deployments are unknown', imports.missing)
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
            0.8, null, case when coalesce(cache.lookups, 0) = 0 then 'no lookup of a cache was seen' end, 'cache'
        from cache
        union all
        select
            each.place, each.measure, found.value, null, null, found.n::bigint, '1', 'below', each.target, found.host,
            case when found.name is null then 'no host was measured' end, 'infrastructure'
        from (
            values
                (12, 'CPU', 'cpu', 0.7::float8),
                (13, 'memory', 'memory', 0.8),
                (14, 'disk', 'disk', 0.8)
        ) as each (place, measure, name, target)
        left join resources as found
            on found.name = each.name
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
