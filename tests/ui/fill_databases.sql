-- What duties and jobs about databases stored: forecasts, maintenance, backups, restores, drills, packages; and decisions.
insert into upkeep.capacity_forecast (
    duty, target, window_start, window_end, measure, metric_duty, metric, labels, unit, n, past_days, value_now, limit_value, earliest_at,
    expected_at, latest_at, horizon_at, chance, tested, held, begins_at, ahead_days, low, middle, high
)
select
    duty,
    target,
    window_start,
    window_end,
    measure.name,
    measure.metric_duty,
    measure.metric_duty || '_measured',
    '{}',
    measure.unit,
    365,
    365,
    0.4 * measure.limit_value,
    measure.limit_value,
    window_end + (30 + fixed %% 300) * interval '1 day',
    window_end + (50 + fixed %% 400) * interval '1 day',
    window_end + (90 + fixed %% 600) * interval '1 day',
    window_end + interval '730 days',
    0.3,
    40,
    33,
    window_end,
    fan.ahead,
    fan.low,
    fan.middle,
    fan.high
from told
cross join (values ('data', 'growth', 'bytes', 8e10), ('connections', 'connection_use', '1', 1)) as measure (name, metric_duty, unit, limit_value)
cross join lateral (
    select
        array_agg(ahead order by ahead) as ahead,
        array_agg((0.4 + ahead / 1200.0) * measure.limit_value order by ahead) as low,
        array_agg((0.4 + ahead / 900.0) * measure.limit_value order by ahead) as middle,
        array_agg((0.4 + ahead / 600.0) * measure.limit_value order by ahead) as high
    from generate_series(15, 720, 15) as ahead
) as fan
where duty = 'capacity'
and status <> 'unknown';

insert into upkeep.table_maintenance (
    id, duty, target, table_name, action, reasons, outcome, message, begun_at, seconds, predicted_rows, removed_rows, kept_rows, wal_bytes,
    before, after, window_start, window_end, dag_id, run_id, task_id, map_index
)
select
    md5(target || duty || day || n),
    case duty when 'bloat' then 'statistics' else 'vacuum' end,
    target,
    'public.' || (array['orders', 'order_items', 'events'])[n],
    case duty when 'bloat' then 'analyze' else 'vacuum' end,
    array['12 %% dead rows'],
    case when (fixed + day) %% 17 = 0 then 'gave_way' else 'done' end,
    '',
    window_end + n * interval '3 minutes' + fixed %% 3600 * interval '1 second',
    40 + fixed %% 200,
    120000,
    119000 + n,
    30,
    9e7,
    '{"dead": 120000, "table_bytes": 9000000000, "xid_age": 150000000}',
    '{"dead": 1000, "table_bytes": 9000000000, "xid_age": 1000, "visible_pages": 1000000, "pages": 1100000}',
    window_start,
    window_end,
    cadence,
    run_id,
    area || '.' || duty,
    map_index
from told
cross join generate_series(1, 3) as n
where duty in ('sizes', 'bloat');

insert into upkeep.backup (
    id, target, location, host, connection, state, window_start, window_end, begun_at, snapshot_at, finished_at, verified_at, stored_bytes,
    raw_bytes, tables, rows, seconds, server_version, system_identifier, encrypted, manifest_sha256, error, deleted_at, dag_id, run_id,
    task_id, map_index
)
select
    target || '/' || to_char(window_end at time zone 'UTC', 'YYYYMMDD"T"HH24MISS'),
    target,
    's3://backups/' || target,
    'db-' || map_index,
    'backups',
    made.state,
    window_start,
    window_end,
    window_end + interval '10 minutes',
    case when made.state <> 'failed' then window_end + interval '11 minutes' end,
    window_end + interval '40 minutes',
    case when made.state <> 'failed' then window_end + interval '45 minutes' end,
    case when made.state <> 'failed' then 2e9 + fixed %% 1000 * 1e7 + day * 1e5 end,
    case when made.state <> 'failed' then 8e9 + fixed %% 1000 * 4e7 + day * 4e5 end,
    120,
    90000000 + day,
    '{"snapshot": 2, "rows": 1500, "manifest": 3, "verify": 280}',
    180002,
    '7300000000000000000',
    true,
    md5(target || day),
    case made.state when 'failed' then 'No space left on device' end,
    case made.state when 'deleted' then window_end + interval '35 days' end,
    'backups',
    run_id,
    'backup',
    map_index
from told
cross join lateral (
    select case
        when (fixed + day) %% 41 = 0 then 'failed'
        when window_end > %(end)s::timestamptz - interval '35 days' or extract(day from window_end) = 1 then 'complete'
        else 'deleted'
    end as state
) as made
where duty = 'backup_completed';

insert into upkeep.restore (
    id, backup_id, target, destination, state, begun_at, finished_at, seconds, server_version, rows, detail, exactness, dag_id, run_id,
    task_id, map_index
)
select
    target || '/' || day,
    target || '/' || to_char(window_end at time zone 'UTC', 'YYYYMMDD"T"HH24MISS'),
    target,
    'scratch',
    'proven',
    window_end + interval '2 hours',
    window_end + interval '2 hours 20 minutes',
    '{"manifest": 1, "fetch": 200, "rows": 800, "indexes": 150, "compare": 60}',
    180002,
    90000000,
    (select jsonb_object_agg('public.t' || n, '{"same": true, "rows": 750000, "found": 750000}'::jsonb) from generate_series(1, 120) as n),
    'exact',
    'monthly',
    run_id,
    'backups.restore_test',
    map_index
from told
where duty = 'restore_test'
and status <> 'unknown';

insert into upkeep.restore_test (
    duty, target, window_start, window_end, backup_id, chosen_as, result, message, tested_at, snapshot_at, server_version, rows, copy_bytes,
    seconds, recovery_seconds, recovery_point, recovery_point_from, indexes_checked, tables_checked, smoke, objects, restore_id
)
select
    duty,
    target,
    window_start,
    window_end,
    target || '/' || to_char(window_end at time zone 'UTC', 'YYYYMMDD"T"HH24MISS'),
    'newest',
    'proven',
    'every table is as it was',
    window_end + interval '2 hours',
    window_end + interval '11 minutes',
    180002,
    90000000,
    9e9,
    '{"fetch": 200, "rows": 800, "indexes": 150, "compare": 60}',
    1210,
    window_end + interval '11 minutes',
    'snapshot',
    300,
    120,
    '{}',
    '{}',
    target || '/' || day
from told
where duty = 'restore_test'
and status <> 'unknown';

insert into upkeep.drill_step (
    duty, target, window_start, window_end, number, name, kind, result, message, expected_seconds, seconds, tested_at, backup_id, plan_sha256
)
select
    duty,
    target,
    window_start,
    window_end,
    n,
    'step ' || n,
    (array['command', 'query', 'restore', 'check', 'person', 'needed'])[1 + n %% 6],
    case when (fixed + n) %% 37 = 0 then 'failed' else 'done' end,
    'as written',
    60 * n,
    55 * n,
    window_end + interval '3 hours',
    target || '/1',
    md5('plan')
from told
cross join generate_series(1, 8) as n
where duty = 'disaster_drill'
and status <> 'unknown';

-- Each faulty package stays some weeks and goes; the newest weeks keep every package.
insert into upkeep.vulnerability (
    duty, target, window_start, window_end, object, ecosystem, package, versions, fault, names, also_called, advisories, summary, severity,
    rated, score, published_at, known_then, chance, fix, direct, parents, scope, first_seen, state, due_at, due_why
)
select
    duty,
    target,
    window_start,
    window_end,
    'PyPI/package-' || n || '/CVE-2026-' || n,
    'PyPI',
    'package-' || n,
    array['1.' || n || '.0'],
    'CVE-2026-' || n,
    array['CVE-2026-' || n],
    '{}',
    array['GHSA-' || n],
    'Reads what it should not',
    (array['low', 'medium', 'high', 'critical'])[1 + n %% 4]::upkeep.severity,
    true,
    5 + n %% 5,
    window_start - interval '40 days',
    true,
    0.02,
    '1.' || n || '.1',
    n %% 3 = 0,
    '{}',
    'runtime',
    window_start - (day %% (20 + n)) * interval '1 day',
    'open',
    window_end + (30 - day %% (20 + n)) * interval '1 day',
    'severity'
from told
cross join generate_series(1, 40) as n
where duty = 'vulnerabilities'
and status <> 'unknown'
and (fixed + n + day / (20 + n)) %% 10 = 0;

insert into upkeep.dependency (
    duty, target, window_start, window_end, place, file, line, ecosystem, package, version, asked_for, direct, path, scope, origin, licence
)
select
    duty,
    target,
    window_start,
    window_end,
    n,
    'requirements.lock',
    n * 3,
    'PyPI',
    'package-' || n,
    '1.' || n || '.0',
    '>=1',
    n %% 3 = 0,
    array['app', 'package-' || n],
    'runtime',
    'index',
    'MIT'
from told
cross join generate_series(1, 150) as n
where duty = 'vulnerabilities'
and status <> 'unknown'
and window_end > %(end)s::timestamptz - interval '14 days';

insert into upkeep.sbom (duty, target, window_start, window_end, format, packages, sha256, document)
select
    duty,
    target,
    window_start,
    window_end,
    'CycloneDX 1.6',
    150,
    md5(target || day),
    '{"components": [' || repeat('{"name": "package", "version": "1.0"}, ', 1000) || '{}]}'
from told
where duty = 'vulnerabilities'
and window_end > %(end)s::timestamptz - interval '35 days';

insert into upkeep.certificate (
    duty, target, window_start, window_end, place, subject, issuer, serial, not_before, not_after, names, key, signature, sha256
)
select
    duty,
    target,
    window_start,
    window_end,
    place,
    target || '.example.org ' || place,
    'A middle authority',
    md5(target || place),
    window_end - interval '60 days',
    window_end + (5 + fixed %% 80) * interval '1 day',
    array[target || '.example.org'],
    'EC 256',
    'ecdsa-with-SHA256',
    md5(target || place || day / 60)
from told
cross join generate_series(0, 1) as place
where duty = 'certificates'
and status <> 'unknown';

create temporary table asked on commit drop as
select
    told.duty || '/' || told.target || '/' || told.day as key,
    told.*,
    json_build_object(
        'subject', 'Should ' || told.target || ' change?', 'body', repeat('Evidence of what was seen. ', 60), 'evidence', '{}'::json,
        'options', array['Sign', 'Refuse'], 'fields', '[]'::json
    ) as question
from told
where duty in ('access', 'roles')
and fixed %% 10 = 0;

insert into upkeep.decision (
    key, kind, duty, target, window_start, window_end, run, question, digest, subject, needed, due_days, signers, status, outcome, opened_at,
    due_at, asked_at, closed_at, dag_id, run_id, task_id
)
select
    key,
    'review',
    duty,
    target,
    window_start,
    window_end,
    'decisions',
    question,
    md5(key),
    'Should ' || target || ' change?',
    1,
    7,
    '[{"name": "platform-lead", "user": "pia", "user_id": "1"}]',
    ended.status,
    case ended.status when 'answered' then 'Sign' end,
    window_end,
    window_end + interval '7 days',
    window_end,
    case when ended.status <> 'open' then window_end + interval '2 days' end,
    'decisions',
    key,
    'answer'
from asked
cross join lateral (
    select case
        when window_end > %(end)s::timestamptz - interval '31 days' then 'open'
        when fixed %% 7 = 0 then 'missed'
        else 'answered'
    end as status
) as ended;

insert into upkeep.decision_answer (
    decision, round, place, option, form_values, user_name, user_id, person, answered_at, question, digest, previous, sha256
)
select
    decision.key,
    1,
    1,
    'Sign',
    '{}',
    'pia',
    '1',
    'platform-lead',
    decision.closed_at,
    decision.question,
    decision.digest,
    '',
    md5(decision.key)
from upkeep.decision as decision
where decision.status = 'answered';

insert into upkeep.action_item (decision, number, title, remedy, object, owner, due_on, done_at)
select
    decision.key,
    1,
    'Take the right away',
    'revoke all on public.orders from intern;',
    'intern',
    'platform-lead',
    decision.due_at::date,
    case when md5(decision.key) < 'e' then decision.due_at end
from upkeep.decision as decision
where decision.status = 'answered'
