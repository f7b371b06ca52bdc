-- What duties about services stored: a year of days, budgets, alerts, anomalies and endpoints; and what pipelines told of.
insert into upkeep.golden_signal (
    duty, target, window_start, window_end, requests, errors, refused, closed, slow, slow_limit, minutes, minutes_seen, minutes_told,
    minutes_down, p50_low, p50_high, p95_low, p95_high, p99_low, p99_high
)
select
    duty,
    target,
    window_start,
    window_end,
    number.requests,
    number.requests / case status when 'breach' then 90 else 4000 end,
    number.requests / 60,
    number.requests / 900,
    number.requests / case status when 'breach' then 12 else 70 end,
    0.5,
    1440,
    1440 - fixed %% 30,
    1440 - fixed %% 30,
    case status when 'breach' then 7 else 0 end,
    number.p95 / 4,
    number.p95 / 3,
    number.p95,
    number.p95 * 1.2,
    number.p95 * 2,
    number.p95 * 3
from told
cross join lateral (
    select
        (40000 + fixed %% 900000 * (1.2 + sin(day * 2 * pi() / 7)))::bigint as requests,
        0.08 + fixed %% 300 / 1000.0 + abs(sin(day / 11.0)) / 20 + case status when 'breach' then 0.4 else 0 end as p95
) as number
where duty = 'golden_signals'
and status <> 'unknown';

-- No page reads hours: as many days of them as of single numbers.
insert into upkeep.service_hour (duty, target, window_start, window_end, hour, requests, errors, slow)
select
    signal.duty,
    signal.target,
    signal.window_start,
    signal.window_end,
    signal.window_start + n * interval '1 hour',
    array_fill((signal.requests / 1440)::integer, array[60]),
    array_fill((signal.errors / 1440)::integer, array[60]),
    array_fill((signal.slow / 1440)::integer, array[60])
from upkeep.golden_signal as signal
cross join generate_series(0, 23) as n
where signal.window_end > %(end)s::timestamptz - %(raw_days)s * interval '1 day';

insert into upkeep.error_budget (
    duty, target, window_start, window_end, objective, bad_is, goal, days, requests, bad, allowed, budget_left, minutes, minutes_seen,
    pages, tickets
)
select
    duty,
    target,
    window_start,
    window_end,
    promise.objective,
    promise.bad_is,
    promise.goal,
    30,
    9000000,
    bad.number,
    9000000 * (1 - promise.goal),
    1 - bad.number / (9000000 * (1 - promise.goal)),
    43200,
    43000,
    case status when 'breach' then 1 else 0 end,
    case status when 'breach' then 2 else 0 end
from told
cross join (values ('availability', 'errors', 0.999), ('latency', 'slow', 0.99)) as promise (objective, bad_is, goal)
cross join lateral (
    select (9000000 * (1 - promise.goal) * (fixed %% 80 / 100.0 + case status when 'breach' then 0.5 else 0 end))::bigint as number
) as bad
where duty = 'slo'
and status <> 'unknown';

insert into upkeep.burn_alert (
    duty, target, window_start, window_end, objective, kind, came_at, ended_at, first_bad_at, factor, long_minutes, short_minutes
)
select
    duty,
    target,
    window_start,
    window_end,
    'availability',
    sent.kind,
    window_start + fixed %% 20 * interval '1 hour' + sent.after,
    window_start + (fixed %% 20 + 3) * interval '1 hour',
    window_start + fixed %% 20 * interval '1 hour',
    sent.factor,
    sent.long,
    sent.short
from told
cross join (
    values
        ('page', interval '4 minutes', 14.4, 60, 5),
        ('page', interval '30 minutes', 6, 360, 30),
        ('ticket', interval '2 hours', 3, 1440, 120)
) as sent (kind, after, factor, long, short)
where duty = 'slo'
and status = 'breach';

insert into upkeep.anomaly (
    duty, target, window_start, window_end, rule, series, since, until, open, at, value, low, expected, high, unit, chance, n, together,
    deployments
)
select
    duty,
    target,
    window_start,
    window_end,
    'error_share_rise',
    'share of errors',
    window_start + interval '10 hours',
    window_start + interval '12 hours',
    false,
    window_start + interval '10 hours',
    0.02,
    0,
    0.0003,
    0.002,
    '1',
    0.0001,
    400,
    '{latency p95}',
    '{v71}'
from told
where duty = 'anomalies'
and status = 'breach';

insert into upkeep.alert_firing (
    duty, target, window_start, window_end, alert, labels, severity, began, ended, seconds, acknowledged, acknowledged_by,
    acknowledged_known
)
select
    duty,
    target,
    window_start,
    window_end,
    'ErrorsHigh',
    'instance="' || n || '"',
    'page',
    window_start + (fixed + n) %% 20 * interval '1 hour',
    window_start + ((fixed + n) %% 20 + 1) * interval '1 hour',
    3600,
    case when n = 1 then window_start + (fixed + n) %% 20 * interval '1 hour' + interval '6 minutes' end,
    case when n = 1 then 'web-on-call' end,
    true
from told
cross join generate_series(1, 2) as n
where duty = 'alerts'
and status = 'breach';

insert into upkeep.service_endpoint (
    duty, target, window_start, window_end, endpoint, requests, errors, total_seconds, timed, p95_low, p95_high
)
select
    duty,
    target,
    window_start,
    window_end,
    (array['GET', 'POST'])[1 + n %% 2] || ' /api/' || (array['orders', 'items', 'carts', 'people'])[1 + n %% 4] || '/' || n || '/{id}',
    1000000 / n,
    200 / n,
    90000 / n,
    1000000 / n,
    0.05 * n,
    0.06 * n
from told
cross join generate_series(1, 20) as n
where duty = 'slow_endpoints'
and status <> 'unknown';

insert into upkeep.metric (duty, target, window_start, window_end, name, labels, at, value, unit, numerator, denominator, n)
select
    duty,
    target,
    window_start,
    window_end,
    measured.name,
    measured.labels,
    window_end,
    measured.value,
    '1',
    case duty when 'cache' then measured.value * 100000 end,
    case duty when 'cache' then 100000 end,
    case duty when 'cache' then 100000 else 1440 end
from told
inner join (
    select
        'cache' as duty,
        'hit_rate' as name,
        '{"cache": "sessions"}'::jsonb as labels,
        0.93 as value
    union all
    select
        'infrastructure',
        level.name,
        jsonb_build_object('object', 'host-' || host),
        level.value
    from (values ('cpu', 0.31), ('memory', 0.66), ('disk', 0.58)) as level (name, value)
    cross join generate_series(1, 3) as host
) as measured
    using (duty)
where status <> 'unknown'
and window_end > %(end)s::timestamptz - %(raw_days)s * interval '1 day';

-- Every other day one, every thirtieth failed and was taken back.
insert into upkeep.deployment (
    service, deployment, version, commit_id, committed_at, started_at, finished_at, status, failed_at, failed_why, deployed_by, url
)
select
    target,
    'd' || day,
    'v' || day,
    left(md5(target || day), 12),
    window_start - interval '3 hours',
    window_start + interval '9 hours',
    window_start + interval '9 hours 6 minutes',
    'succeeded',
    case when day %% 30 = 0 then window_start + interval '10 hours' end,
    case when day %% 30 = 0 then 'errors rose' end,
    'release robot',
    'https://ci.example.com/' || day
from told
where duty = 'golden_signals'
and (day + fixed) %% 2 = 0
and window_end < %(end)s::timestamptz;

insert into upkeep.secret (
    duty, target, window_start, window_end, store, opens, identity, max_age_seconds, grace_seconds, cache_seconds, current_since, used_by,
    used_at, watched_since
)
select
    duty,
    target,
    window_start,
    window_end,
    'vault',
    'postgres ' || split_part(target, '/', 1),
    'login_' || day / 30 %% 2,
    90 * 86400,
    86400,
    300,
    window_end - day %% 30 * interval '1 day',
    array[split_part(target, '/', 1) || ' 10.0.0.7', 'worker 10.0.0.8'],
    window_end - interval '5 minutes',
    window_start - interval '300 days'
from told
where duty = 'secret_age'
and status <> 'unknown';

insert into upkeep.rotation (
    id, secret, reason, state, old, new, begun_at, staged_at, installed_at, proven_at, promoted_at, picked_up_at, picked_up_by, retired_at,
    dead_at, used_by, dag_id, run_id, task_id, map_index
)
select
    md5(secret.name || n)::uuid,
    secret.name,
    'age',
    'rotated',
    'login_' || n %% 2,
    'login_' || (n + 1) %% 2,
    begun.at,
    begun.at + interval '1 minute',
    begun.at + interval '2 minutes',
    begun.at + interval '3 minutes',
    begun.at + interval '4 minutes',
    begun.at + interval '9 minutes',
    jsonb_build_object('worker 10.0.0.8', begun.at + interval '9 minutes', 'web 10.0.0.7', begun.at + interval '6 minutes'),
    begun.at + interval '1 day',
    begun.at + interval '1 day 1 minute',
    '{web}',
    'daily',
    'scheduled__' || to_char(begun.at, 'YYYY-MM-DD'),
    'security.secret_rotation',
    0
from upkeep.target as secret
cross join generate_series(1, greatest(%(days)s / 30, 1)) as n
cross join lateral (select %(end)s::timestamptz - n * interval '30 days' as at) as begun
where secret.kind = 'secrets'
