-- How long outages of services would have gone unseen, by the replay of their burn rates; and its mean on the scorecard.

create view upkeep.detection as
with pages as (
    select
        alert.service,
        alert.first_bad_at,
        alert.came_at,
        max(coalesce(alert.ended_at, alert.known_at)) over (
            partition by alert.service
            order by
                alert.first_bad_at,
                alert.came_at
            rows between unbounded preceding and 1 preceding
        ) as others_until
    from upkeep.burn_alert_whole as alert
    where alert.kind = 'page'
),

numbered as (
    select
        page.service,
        page.first_bad_at,
        page.came_at,
        count(*) filter (where page.others_until is null or page.first_bad_at > page.others_until) over (
            partition by page.service
            order by
                page.first_bad_at,
                page.came_at
            rows unbounded preceding
        ) as outage
    from pages as page
)

select
    one.service,
    min(one.first_bad_at) as first_bad_at,
    min(one.came_at) as came_at,
    extract(epoch from min(one.came_at) - min(one.first_bad_at))::float8 as seconds,
    count(*) as pages
from numbered as one
group by
    one.service,
    one.outage;
comment on view upkeep.detection is
'Outages of services that would have paged, each once: pages of several objectives, and those of several rules, that overlap are one.';
comment on column upkeep.detection.service is 'Service (inventory: services).';
comment on column upkeep.detection.first_bad_at is 'Start of its first bad minute.';
comment on column upkeep.detection.came_at is 'When the first page of it would have come.';
comment on column upkeep.detection.seconds is 'Time to detect: from one to the other.';
comment on column upkeep.detection.pages is 'How many pages would have come of it.';

create view upkeep.detection_month as
select
    one.service,
    date_trunc('month', (one.came_at - interval '1 minute') at time zone 'UTC')::date as month,
    avg(one.seconds) as mean_seconds,
    percentile_cont(0.5) within group (order by one.seconds) as median_seconds,
    max(one.seconds) as longest_seconds,
    count(*) as outages
from upkeep.detection as one
group by
    one.service,
    month;
comment on view upkeep.detection_month is
'Time to detect by service and month of UTC. A month without an outage that would have paged has no row: nothing was detected, which is not the best value.';
comment on column upkeep.detection_month.service is 'Service (inventory: services).';
comment on column upkeep.detection_month.month is 'First day of the month in which the first page would have come.';
comment on column upkeep.detection_month.mean_seconds is 'Mean time to detect, in seconds.';
comment on column upkeep.detection_month.median_seconds is 'Median of it.';
comment on column upkeep.detection_month.longest_seconds is 'The longest.';
comment on column upkeep.detection_month.outages is 'Outages that these are of.';

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
            count(*) filter (where one.status <> 'cancelled' and one.finished_at >= since)::float8 as ended,
            count(*) filter (where one.status in ('succeeded', 'rolled back') and one.finished_at >= since and live.failed_at is null)::float8
                as well,
            count(*) as ever
        from upkeep.deployment as one
        left join upkeep.live_deployments(until) as live
            on live.service = one.service
            and live.environment = one.environment
            and live.deployment = one.deployment
        where one.environment = 'production'
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
                when deployed.ever = 0 then 'nobody told of a deployment to production'
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
                when deployed.ever = 0 then 'nobody told of a deployment to production'
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
comment on function upkeep.scorecard is
'The targets of the whole system over a window, by counts of whole windows inside it: value, numerator, denominator, n, target and whether it is met; reason where it is unknown, and then nothing else. A minute is down when half of its requests failed; minutes without requests count neither way. time to detect is from the first bad minute of an outage to the first page that its burn rate would have sent. response time is the share of requests slower than 500 ms (unit 1), or the worst daily 95th percentile (unit s) where that is not counted for all services. duty is what it is made of.';
