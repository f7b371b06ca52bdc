-- Error budgets of services by counts, and the alerts that burn rates would have sent.

create table upkeep.error_budget (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    objective text not null,
    bad_is text not null check (bad_is in ('errors', 'slow')),
    goal numeric not null check (goal > 0 and goal < 1),
    days integer not null check (days > 0),
    requests bigint not null check (requests >= 0),
    bad bigint not null check (bad between 0 and requests),
    allowed numeric not null check (allowed >= 0),
    budget_left double precision,
    minutes integer not null check (minutes > 0),
    minutes_seen integer not null check (minutes_seen between 0 and minutes),
    known_since timestamptz,
    pages integer not null check (pages >= 0),
    tickets integer not null check (tickets >= 0),
    primary key (duty, target, window_start, window_end, objective),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.error_budget is 'Objectives of services at the end of a window: how much of what may be bad was bad, by counts.';
comment on column upkeep.error_budget.duty is 'Duty that judged: slo.';
comment on column upkeep.error_budget.target is 'Service (inventory: services).';
comment on column upkeep.error_budget.window_start is 'Start of the window, included.';
comment on column upkeep.error_budget.window_end is 'End of the window, excluded; the period ends there too.';
comment on column upkeep.error_budget.objective is 'Name of the objective.';
comment on column upkeep.error_budget.bad_is is 'What counts as bad: errors or slow answers.';
comment on column upkeep.error_budget.goal is 'Share of requests that is to be good.';
comment on column upkeep.error_budget.days is 'Length of the period, in days of 24 hours.';
comment on column upkeep.error_budget.requests is 'Requests of the period in minutes that were seen.';
comment on column upkeep.error_budget.bad is 'Those of them that were bad.';
comment on column upkeep.error_budget.allowed is 'As many of them may be bad: requests times (1 - goal).';
comment on column upkeep.error_budget.budget_left is 'Share of the budget that is left: 1 - bad / allowed; below 0 when overspent, null without requests.';
comment on column upkeep.error_budget.minutes is 'Minutes of the period.';
comment on column upkeep.error_budget.minutes_seen is 'Minutes of it that were seen. The others are unknown, not good.';
comment on column upkeep.error_budget.known_since is 'First minute of the period that was seen; null without any.';
comment on column upkeep.error_budget.pages is 'Pages that would have come in the window.';
comment on column upkeep.error_budget.tickets is 'Tickets that would have come in the window.';

create table upkeep.burn_alert (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    objective text not null,
    kind text not null check (kind in ('page', 'ticket')),
    came_at timestamptz not null,
    ended_at timestamptz check (ended_at > came_at),
    first_bad_at timestamptz not null check (first_bad_at < came_at),
    factor double precision not null check (factor > 0),
    long_minutes integer not null check (long_minutes > short_minutes),
    short_minutes integer not null check (short_minutes > 0),
    primary key (duty, target, window_start, window_end, objective, kind, came_at),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.burn_alert is
'Alerts that burn rates would have sent: each that was on in the window, so that one over midnight stands in two windows.';
comment on column upkeep.burn_alert.duty is 'Duty that replayed: slo.';
comment on column upkeep.burn_alert.target is 'Service (inventory: services).';
comment on column upkeep.burn_alert.window_start is 'Start of the window, included.';
comment on column upkeep.burn_alert.window_end is 'End of the window, excluded.';
comment on column upkeep.burn_alert.objective is 'Name of the objective.';
comment on column upkeep.burn_alert.kind is 'page or ticket.';
comment on column upkeep.burn_alert.came_at is 'When it would have come: the end of the minute that told it. It may be before the window.';
comment on column upkeep.burn_alert.ended_at is 'When it would have been over; null while it went on at the end of the window.';
comment on column upkeep.burn_alert.first_bad_at is 'Start of the first bad minute of what it told.';
comment on column upkeep.burn_alert.factor is 'How many times faster than allowed the budget was spent, at least, over both windows of the rule.';
comment on column upkeep.burn_alert.long_minutes is 'Long window of the rule that told it first.';
comment on column upkeep.burn_alert.short_minutes is 'Short window of that rule.';
create index burn_alert_by_time on upkeep.burn_alert (target, came_at);

create view upkeep.burn_alert_whole as
select distinct on (alert.target, alert.objective, alert.kind, alert.came_at)
    alert.target as service,
    alert.objective,
    alert.kind,
    alert.came_at,
    alert.ended_at,
    alert.first_bad_at,
    alert.factor,
    alert.window_end as known_at
from upkeep.burn_alert as alert
order by
    alert.target,
    alert.objective,
    alert.kind,
    alert.came_at,
    alert.window_end desc,
    alert.window_start;
comment on view upkeep.burn_alert_whole is 'Each alert that burn rates would have sent once, with its end as the newest window knows it.';
comment on column upkeep.burn_alert_whole.service is 'Service (inventory: services).';
comment on column upkeep.burn_alert_whole.objective is 'Name of the objective.';
comment on column upkeep.burn_alert_whole.kind is 'page or ticket.';
comment on column upkeep.burn_alert_whole.came_at is 'When it would have come.';
comment on column upkeep.burn_alert_whole.ended_at is 'When it would have been over; null while that is not known.';
comment on column upkeep.burn_alert_whole.first_bad_at is 'Start of the first bad minute of what it told. Time to detect is came_at less this.';
comment on column upkeep.burn_alert_whole.factor is 'How many times faster than allowed the budget was spent, at least.';
comment on column upkeep.burn_alert_whole.known_at is 'End of the newest window that tells of it.';
