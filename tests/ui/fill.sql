-- A made-up past for pages to show: every duty asked about every target in every window that ended in the last %(days)s days.
-- Which pairs are in breach or unknown comes from hashes, so the same numbers give the same rows; a breach lasts days or weeks.
insert into upkeep.due_days (severity, days)
values
    ('critical', 7),
    ('high', 30),
    ('medium', 90),
    ('low', 120)
on conflict do nothing;

insert into upkeep.target (name, kind, owner, owner_slack, red_at, tags, runbook, active)
select
    (array['shop', 'billing', 'search', 'ledger', 'catalogue', 'payments', 'inbox', 'archive'])[1 + i %% 8]
    || case when i < 8 then '' else '-' || lpad((i / 8)::text, 3, '0') end,
    'databases',
    (array['database-on-call', 'platform-lead', 'security-lead', 'finance-systems'])[1 + i %% 4],
    'U0' || (1000 + i %% 4),
    'high',
    array[(array['production', 'staging'])[1 + (i %% 5 = 4)::int], (array['eu', 'us', 'asia'])[1 + i %% 3]],
    'https://runbooks.example.com/databases/' || i,
    true
from generate_series(0, %(targets)s - 1) as i
on conflict do nothing;

insert into upkeep.duty (name, area, kind, cadence, owner, title, dated, target_kind, active)
select
    split_part(word, '/', 2),
    split_part(word, '/', 1),
    'check',
    split_part(word, '/', 3),
    split_part(word, '/', 1),
    upper(left(replace(split_part(word, '/', 2), '_', ' '), 1)) || substr(replace(split_part(word, '/', 2), '_', ' '), 2)
    || ' that need a person',
    false,
    'databases',
    true
from unnest(array[
    'database/replication_lag/daily', 'database/replication_slots/daily', 'database/wraparound/daily', 'database/sequences/daily',
    'database/checksum_failures/daily', 'database/prepared_transactions/daily', 'database/autovacuum/daily',
    'database/deadlocks/daily', 'database/growth/daily', 'database/connection_use/daily', 'database/blocked_sessions/daily',
    'database/query_times/daily', 'database/slow_queries/daily', 'security/failed_logins/daily', 'database/unused_indexes/weekly',
    'database/duplicate_indexes/weekly', 'database/bloat/weekly', 'database/query_patterns/weekly',
    'database/missing_indexes/weekly', 'database/stale_statistics/weekly', 'security/certificates/weekly',
    'security/vulnerabilities/weekly', 'database/partitions/monthly', 'database/sizes/monthly', 'security/access/monthly',
    'security/roles/monthly', 'database/capacity/quarterly', 'security/settings/quarterly'
]) with ordinality as listed (word, place)
where place <= %(duties)s
on conflict do nothing;

-- Services, each with a secret; and duties that are only filled beside them.
insert into upkeep.target (name, kind, owner, owner_slack, red_at, tags, active)
select
    (array['shop-web', 'shop-api', 'search-api', 'billing-api', 'gateway', 'mailer'])[1 + i %% 6]
    || '-' || lpad((i / 6)::text, 3, '0') || case kind when 'secrets' then '/login' else '' end,
    kind,
    (array['web-on-call', 'platform-lead', 'security-lead'])[1 + i %% 3],
    'U0' || (1000 + i %% 3),
    'high',
    array[(array['production', 'staging'])[1 + (i %% 5 = 4)::int]],
    true
from generate_series(0, %(services)s - 1) as i
cross join unnest(array['services', 'secrets']) as kind
on conflict do nothing;

insert into upkeep.duty (name, area, kind, cadence, owner, title, dated, target_kind, active)
select
    split_part(word, '/', 2),
    split_part(word, '/', 1),
    'check',
    split_part(word, '/', 3),
    split_part(word, '/', 1),
    'Of ' || split_part(word, '/', 4),
    true,
    split_part(word, '/', 4),
    true
from unnest(array[
    'service/golden_signals/daily/services', 'service/slo/daily/services', 'service/anomalies/daily/services',
    'service/alerts/daily/services', 'service/infrastructure/daily/services', 'service/cache/daily/services',
    'performance/slow_endpoints/weekly/services', 'security/secret_age/daily/secrets', 'backups/backup_completed/daily/databases',
    'backups/restore_test/monthly/databases', 'backups/disaster_drill/quarterly/databases'
]) as word
where %(services)s > 0
on conflict do nothing;

insert into upkeep.run (cadence, window_start, window_end, dag_id, run_id, run_type, thread, started_at, finished_at)
select
    step.cadence,
    moment - step.length,
    moment,
    step.cadence,
    'scheduled__' || to_char(moment at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"+00:00"'),
    'scheduled',
    step.cadence || to_char(moment at time zone 'UTC', ' YYYY-MM-DD'),
    moment + interval '5 minutes',
    moment + interval '25 minutes'
from (
    values
        ('daily', interval '1 day', 'day'),
        ('weekly', interval '1 week', 'week'),
        ('monthly', interval '1 month', 'month'),
        ('quarterly', interval '3 months', 'quarter')
) as step (cadence, length, unit)
cross join lateral generate_series(
    date_trunc(step.unit, %(end)s::timestamptz, 'UTC'),
    %(end)s::timestamptz - %(days)s * interval '1 day',
    - step.length
) as moment
on conflict do nothing;

create temporary table told on commit drop as
select
    duty.name as duty,
    target.name as target,
    run.window_start,
    run.window_end,
    run.cadence,
    case
        when hashtextextended(duty.name || target.name || target.owner, 1) %% 400 = 0 then 'unknown'
        when abs(hashtextextended(duty.name || target.name || (day / lasting)::text, 2)) %% 1000 < 45 then 'breach'
        when abs(hashtextextended(duty.name || target.name || day::text, 3)) %% 1000 < 6 then 'unknown'
        else 'ok'
    end::upkeep.status as status,
    abs(hashtextextended(duty.name || target.name, 4)) as fixed,
    day,
    duty.area,
    target.place - 1 as map_index,
    run.run_id
from upkeep.duty as duty
inner join (
    select
        *,
        row_number() over (order by name) as place
    from upkeep.target
) as target
    on target.kind = duty.target_kind
inner join upkeep.run as run
    on run.cadence = duty.cadence
cross join lateral (
    select
        extract(epoch from run.window_end)::bigint / 86400 as day,
        (array[3, 5, 9, 16, 30, 45, 90, 200])[1 + abs(hashtextextended(target.name || duty.name, 5)) %% 8] as lasting
) as rhythm
where abs(hashtextextended(duty.name || target.name, 6)) %% 500 <> 0;

create index on told (cadence, window_end);

analyze told;

insert into upkeep.answer (
    duty, target, window_start, window_end, cadence, status, summary, evidence, asked_at, seconds, dag_id, run_id, task_id, map_index,
    try_number
)
select
    duty,
    target,
    window_start,
    window_end,
    cadence,
    status,
    case status
        when 'ok' then (fixed %% 90 + 5) || ' looked at; highest at ' || fixed %% 60 || ' %% of its limit'
        when 'breach' then 'over the limit on ' || 1 + fixed %% 3 || ' of ' || (fixed %% 90 + 5)
        else (array[
            'needs pg_monitor: without it Upkeep cannot see other sessions, their queries and most statistics',
            'the server does not answer: 10.0.0.7:5432/shop as upkeep (timeout expired)',
            'statistics were reset inside the window'
        ])[1 + fixed %% 3]
    end,
    case when status = 'unknown' then '{"remedy": "grant pg_monitor to upkeep;"}'::jsonb else '{}' end,
    window_end + interval '6 minutes',
    0.05 + fixed %% 100 / 200.0,
    cadence,
    run_id,
    area || '.' || duty,
    map_index,
    1
from told;

insert into upkeep.finding (
    duty, target, window_start, window_end, fingerprint, rule, object, severity, title, remedy, value, limit_value, unit, details,
    due_by, found_at
)
select
    duty,
    target,
    window_start,
    window_end,
    left(encode(sha256((duty || target || nth)::bytea), 'hex'), 16),
    duty || '_over_limit',
    'public.' || (array['orders', 'order_items', 'customers', 'events', 'sessions'])[1 + (fixed + nth) %% 5],
    (array['low', 'medium', 'medium', 'high', 'critical'])[1 + (fixed / 7 + nth) %% 5]::upkeep.severity,
    'public.' || (array['orders', 'order_items', 'customers', 'events', 'sessions'])[1 + (fixed + nth) %% 5]
    || ' is at ' || 75 + day %% 20 || ' %% (limit 75 %%)',
    'alter table public.' || (array['orders', 'order_items', 'customers', 'events', 'sessions'])[1 + (fixed + nth) %% 5]
    || ' set (autovacuum_vacuum_scale_factor = 0.02);',
    (75 + day %% 20) / 100.0,
    0.75,
    '1',
    '{}',
    case when fixed %% 5 = 0 then window_end + fixed %% 9 * interval '1 day' end,
    window_end
from told
cross join lateral generate_series(1, 1 + fixed %% 3) as nth
where status = 'breach';

select upkeep.ensure_metric_month(month::date)
from generate_series(
    date_trunc('month', %(end)s::timestamptz - %(days)s * interval '1 day', 'UTC'), %(end)s::timestamptz, interval '1 month'
) as month;

insert into upkeep.metric (duty, target, window_start, window_end, name, labels, at, value, unit, numerator, denominator, n)
select
    duty,
    target,
    window_start,
    window_end,
    duty || '_measured',
    case when duty = 'sequences' then '{"sequence": "public.orders_id_seq"}'::jsonb else '{}' end,
    window_end,
    case duty
        when 'replication_lag' then 2 + abs(sin(day / 3.0 + fixed %% 7)) * 20
        when 'connection_use' then 0.3 + abs(sin(day / 7.0 + fixed %% 7)) * 0.5
        when 'growth' then 5e9 + day * 2e6 + fixed %% 1000 * 1e7
        else 0.2 + (day %% 365) / 700.0
    end,
    case duty when 'replication_lag' then 's' when 'growth' then 'bytes' else '1' end,
    null,
    null,
    null
from told
where duty in ('replication_lag', 'connection_use', 'growth', 'sequences')
and window_end > %(end)s::timestamptz - %(raw_days)s * interval '1 day';

insert into upkeep.metric_day (duty, target, day, name, labels, unit, min, max, avg, sum, n, last)
select
    duty,
    target,
    (window_start at time zone 'UTC')::date,
    duty || '_measured',
    case when duty = 'sequences' then '{"sequence": "public.orders_id_seq"}'::jsonb else '{}' end,
    case duty when 'replication_lag' then 's' when 'growth' then 'bytes' else '1' end,
    worth.value,
    worth.value,
    worth.value,
    worth.value,
    1,
    worth.value
from told
cross join lateral (
    select
        case duty
            when 'replication_lag' then 2 + abs(sin(day / 3.0 + fixed %% 7)) * 20
            when 'connection_use' then 0.3 + abs(sin(day / 7.0 + fixed %% 7)) * 0.5
            when 'growth' then 5e9 + day * 2e6 + fixed %% 1000 * 1e7
            else 0.2 + (day %% 365) / 700.0
        end as value
) as worth
where duty in ('replication_lag', 'connection_use', 'growth', 'sequences');

insert into upkeep.report (cadence, window_start, window_end, name, title, markdown, content)
select
    run.cadence,
    run.window_start,
    run.window_end,
    'run',
    initcap(run.cadence) || ' report, ' || to_char(run.window_start at time zone 'UTC', 'YYYY-MM-DD'),
    '# ' || initcap(run.cadence) || E' report\n\nWhat was found, **worst first**.\n\n| target | what | limit |\n|---|---|---|\n'
    || E'| shop | `public.orders` at 93 %% | 75 %% |\n| billing | 3 slots unused | 0 |\n\n> Nothing else changed.\n\n```sql\nselect 1;\n```\n',
    jsonb_build_object(
        'title', initcap(run.cadence) || ' report',
        'headline', sum(told.breach) || ' findings, ' || sum(told.vague) || ' unknown',
        'quality', jsonb_build_object('passed', true, 'failures', '[]'::jsonb),
        'expected', sum(told.told),
        'by_status', jsonb_build_object('ok', sum(told.fine), 'breach', sum(told.breach), 'unknown', sum(told.vague)),
        'by_area', '{}'::jsonb,
        'counts', jsonb_build_object(
            'open', sum(told.breach) * 2, 'red', sum(told.breach), 'new', (sum(told.breach) / 7)::bigint, 'reopened', (sum(told.breach) / 20)::bigint,
            'overdue', (sum(told.breach) / 9)::bigint, 'waived', 3, 'resolved', (sum(told.breach) / 8)::bigint, 'unknown', sum(told.vague), 'missing', 0
        ),
        'findings', coalesce(listed.findings, '[]'),
        'resolved', '[]'::jsonb,
        'unknown', '[]'::jsonb,
        'missing', '[]'::jsonb,
        'numbers', '[]'::jsonb
    )
from upkeep.run as run
inner join (
    select
        cadence,
        window_end,
        count(*) as told,
        count(*) filter (where status = 'ok') as fine,
        count(*) filter (where status = 'breach') as breach,
        count(*) filter (where status = 'unknown') as vague
    from told
    group by
        cadence,
        window_end
) as told
    on told.cadence = run.cadence
    and told.window_end = run.window_end
left join lateral (
    select jsonb_agg(jsonb_build_object(
        'fingerprint', left(encode(sha256((asked.duty || asked.target || 1)::bytea), 'hex'), 16), 'duty', asked.duty, 'target',
        asked.target, 'title', 'public.orders is at 91 %% (limit 75 %%)', 'remedy', 'vacuum public.orders;', 'severity', 'high', 'new',
        asked.fixed %% 3 = 0, 'reopened', false, 'overdue', false, 'waived', false
    )) as findings
    from (
        select *
        from told
        where told.cadence = run.cadence
        and told.window_end = run.window_end
        and told.status = 'breach'
        limit 500
    ) as asked
) as listed
    on run.window_end > %(end)s::timestamptz - interval '95 days'
group by
    run.cadence,
    run.window_start,
    run.window_end,
    listed.findings
on conflict do nothing;

insert into upkeep.spend_delivery (account, what, said_at, first_day, last_day, source_rows)
select
    'cloud',
    '12 files',
    %(end)s::timestamptz + n * interval '1 hour',
    null,
    null,
    100
from generate_series(0, 1) as n;

insert into upkeep.spend (
    account, day, key, version, billing_period, provider, billing_account, sub_account, sub_account_name, service, region, category,
    tags, unit, currency, billed_cost, effective_cost, quantity, source_rows, delivery, said_at
)
select
    'cloud',
    day::date,
    md5(n || ' ' || day)::uuid,
    version,
    date_trunc('month', day)::date,
    'aws',
    'payer',
    'account ' || n %% 3,
    'Account ' || n %% 3,
    'Service ' || n %% 17,
    (array['eu-central-1', 'us-east-1', null])[1 + n %% 3],
    'Usage',
    jsonb_build_object('team', 'team ' || n %% 9, 'environment', (array['production', 'staging'])[1 + n %% 2]),
    'Hours',
    'USD',
    10 + n %% 7,
    10 + n %% 7,
    100,
    24,
    (select min(delivery.id) from upkeep.spend_delivery as delivery) + version - 1,
    %(end)s::timestamptz
from generate_series(0, least(%(targets)s, 200) - 1) as n
cross join generate_series(
    (%(end)s::timestamptz - %(days)s * interval '1 day') at time zone 'UTC', %(end)s::timestamptz at time zone 'UTC', interval '1 day'
) as day
-- Every tenth was told once more.
cross join generate_series(1, case when n %% 10 = 0 then 2 else 1 end) as version
on conflict do nothing;

insert into upkeep.waiver (id, duty, target, rule, object, reason, issue, approver, starts_on, expires_on, active)
select
    'waiver-' || row_number() over (order by duty, target, fingerprint),
    duty,
    target,
    rule,
    object,
    'The table is dropped with the next release; the release is planned.',
    'https://issues.example.com/4711',
    'platform-lead',
    (%(end)s::timestamptz at time zone 'UTC')::date - 10,
    (%(end)s::timestamptz at time zone 'UTC')::date + 14 + (row_number() over (order by duty, target, fingerprint))::integer,
    true
from upkeep.finding
where window_end = date_trunc('day', %(end)s::timestamptz, 'UTC')
order by fingerprint
limit 6
on conflict do nothing;
