create table upkeep.capacity_forecast (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    measure text not null,
    metric_duty text not null,
    metric text not null,
    labels jsonb not null,
    unit text not null,
    n integer not null,
    past_days integer not null,
    value_now double precision not null,
    limit_value double precision,
    reason text,
    earliest_at timestamptz,
    expected_at timestamptz,
    latest_at timestamptz,
    horizon_at timestamptz,
    chance double precision,
    tested integer not null,
    held integer not null,
    begins_at timestamptz not null,
    ahead_days integer[] not null,
    low double precision[] not null,
    middle double precision[] not null,
    high double precision[] not null,
    primary key (duty, target, window_start, window_end, measure),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.capacity_forecast is
'Measured levels of a database and what they will be, one row for each of a window: when its limit is reached, and how often such forecasts of its past held.';
comment on column upkeep.capacity_forecast.duty is 'Duty that reckoned: capacity.';
comment on column upkeep.capacity_forecast.target is 'Database it is about.';
comment on column upkeep.capacity_forecast.window_start is 'Start of the window, included.';
comment on column upkeep.capacity_forecast.window_end is 'End of the window, excluded: nothing measured later was used.';
comment on column upkeep.capacity_forecast.measure is 'What it is, such as connections of role shop.';
comment on column upkeep.capacity_forecast.metric_duty is 'Duty that measured it.';
comment on column upkeep.capacity_forecast.metric is 'Name of the number, as in metric_day.';
comment on column upkeep.capacity_forecast.labels is 'Which part of the number, as in metric_day.';
comment on column upkeep.capacity_forecast.unit is 'Unit of value_now, limit_value, low, middle and high.';
comment on column upkeep.capacity_forecast.n is 'How many days had a value.';
comment on column upkeep.capacity_forecast.past_days is 'Days from the first to the last of them.';
comment on column upkeep.capacity_forecast.value_now is 'The newest value before the end of the window.';
comment on column upkeep.capacity_forecast.limit_value is 'Where its limit is; null where none is known.';
comment on column upkeep.capacity_forecast.reason is 'Why there is no forecast; null where there is one.';
comment on column upkeep.capacity_forecast.earliest_at is 'When the upper bound of the interval reaches the limit; null: not before horizon_at.';
comment on column upkeep.capacity_forecast.expected_at is 'When the middle of the interval reaches the limit; null: not before horizon_at.';
comment on column upkeep.capacity_forecast.latest_at is 'When the lower bound of the interval reaches the limit; null: not before horizon_at.';
comment on column upkeep.capacity_forecast.horizon_at is 'How far was looked; null without a forecast.';
comment on column upkeep.capacity_forecast.chance is 'How likely the limit is reached within the days of the plan, 0 to 1; null without a limit or a forecast.';
comment on column upkeep.capacity_forecast.tested is 'Forecasts of its own past that could be compared with what came.';
comment on column upkeep.capacity_forecast.held is 'How many of those had it within their interval.';
comment on column upkeep.capacity_forecast.begins_at is 'Day of the newest value, from which ahead_days count.';
comment on column upkeep.capacity_forecast.ahead_days is 'Days ahead of each interval of the fan.';
comment on column upkeep.capacity_forecast.low is 'Lower bounds of the fan: the interval is to hold in four of five cases.';
comment on column upkeep.capacity_forecast.middle is 'What is expected, for each of ahead_days.';
comment on column upkeep.capacity_forecast.high is 'Upper bounds of the fan.';
