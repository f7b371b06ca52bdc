-- What the past of a service's numbers does not explain.

create table upkeep.anomaly (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    rule text not null,
    series text not null,
    since timestamptz not null,
    until timestamptz not null check (until >= since),
    open boolean not null,
    at timestamptz not null check (at between since and until),
    value double precision not null,
    low double precision not null,
    expected double precision not null,
    high double precision not null,
    unit text not null,
    chance double precision not null check (chance between 0 and 1),
    n integer not null check (n > 0),
    together text[] not null,
    deployments text[] not null,
    primary key (duty, target, window_start, window_end, rule, series, since),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.anomaly is 'Values of a service that their own past does not explain, one row for each anomaly that was on in a window.';
comment on column upkeep.anomaly.duty is 'Duty that judged: anomalies.';
comment on column upkeep.anomaly.target is 'Service (inventory: services).';
comment on column upkeep.anomaly.window_start is 'Start of the window, included.';
comment on column upkeep.anomaly.window_end is 'End of the window, excluded.';
comment on column upkeep.anomaly.rule is 'What moved and whereto, such as error_share_rise; people confirm or reject by it.';
comment on column upkeep.anomaly.series is 'The series: of the service itself, or duty, target, name and labels of a stored metric.';
comment on column upkeep.anomaly.since is 'Start of its first hour or day.';
comment on column upkeep.anomaly.until is 'Start of its last hour or day so far.';
comment on column upkeep.anomaly.open is 'Whether the newest known hour or day is one of it.';
comment on column upkeep.anomaly.at is 'Start of its rarest hour or day, about which the next columns are.';
comment on column upkeep.anomaly.value is 'What came then.';
comment on column upkeep.anomaly.low is 'Lower bound of what was expected.';
comment on column upkeep.anomaly.expected is 'Middle of what was expected.';
comment on column upkeep.anomaly.high is 'Upper bound of what was expected.';
comment on column upkeep.anomaly.unit is 'Unit of the four columns before, as in metric.';
comment on column upkeep.anomaly.chance is 'How likely a surprise as large is by chance (0 to 1).';
comment on column upkeep.anomaly.n is 'Values before it that it was judged by.';
comment on column upkeep.anomaly.together is 'Other series of the same service that were unusual at the same time.';
comment on column upkeep.anomaly.deployments is 'Deployments of the service that ended in the three hours before it (days: that day or the one before).';
create index anomaly_by_time on upkeep.anomaly (target, since);

create view upkeep.anomaly_verdict as
select
    decision.target as service,
    split_part(field.value ->> 'object', '@', 1) as rule,
    field.value ->> 'object' as anomaly,
    answer.form_values ->> (field.value ->> 'name') as verdict,
    answer.person,
    answer.answered_at
from upkeep.decision as decision
inner join upkeep.decision_answer as answer
    on answer.decision = decision.key
    and answer.round = decision.round
    and answer.place = decision.needed
cross join lateral json_array_elements(answer.question -> 'fields') as field (value)
where decision.duty = 'anomaly_verdicts'
and decision.status = 'answered'
and field.value ->> 'object' like '%@%'
and answer.form_values ->> (field.value ->> 'name') in ('real', 'false alarm');
comment on view upkeep.anomaly_verdict is 'What people said of anomalies in the weekly review: real, or a false alarm. Who could not tell is left out.';
comment on column upkeep.anomaly_verdict.service is 'Service (inventory: services).';
comment on column upkeep.anomaly_verdict.rule is 'Rule of the anomaly.';
comment on column upkeep.anomaly_verdict.anomaly is 'The anomaly: rule, since and series, joined by @.';
comment on column upkeep.anomaly_verdict.verdict is 'real or false alarm.';
comment on column upkeep.anomaly_verdict.person is 'Who said so.';
comment on column upkeep.anomaly_verdict.answered_at is 'When.';

create view upkeep.anomaly_precision as
select
    verdict.rule,
    count(*) filter (where verdict.verdict = 'real') as confirmed,
    count(*) as judged,
    count(*) filter (where verdict.verdict = 'real')::double precision / count(*) as precision
from upkeep.anomaly_verdict as verdict
group by verdict.rule;
comment on view upkeep.anomaly_precision is 'How often each rule of anomalies was right, of those that people judged, over all services and times.';
comment on column upkeep.anomaly_precision.rule is 'The rule.';
comment on column upkeep.anomaly_precision.confirmed is 'Anomalies that people called real.';
comment on column upkeep.anomaly_precision.judged is 'Anomalies that people judged.';
comment on column upkeep.anomaly_precision.precision is 'confirmed / judged.';
