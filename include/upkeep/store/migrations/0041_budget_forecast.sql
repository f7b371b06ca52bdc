create table upkeep.budget_forecast (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    budget text not null,
    month date not null,
    currency text not null,
    amount numeric not null,
    spent numeric not null,
    last_day date not null,
    days_left integer not null,
    low numeric,
    middle numeric,
    high numeric,
    cover double precision,
    n integer,
    primary key (duty, target, window_start, window_end, budget),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.budget_forecast is 'Budgets of a month: what was spent so far, and what it will be at the end of the month.';
comment on column upkeep.budget_forecast.duty is 'Duty that foretold: budgets.';
comment on column upkeep.budget_forecast.target is 'Account.';
comment on column upkeep.budget_forecast.window_start is 'Start of the window, included.';
comment on column upkeep.budget_forecast.window_end is 'End of the window, excluded.';
comment on column upkeep.budget_forecast.budget is 'Name of the budget in the inventory.';
comment on column upkeep.budget_forecast.month is 'First day of the month.';
comment on column upkeep.budget_forecast.currency is 'Currency of the account: other currencies are not counted.';
comment on column upkeep.budget_forecast.amount is 'What may be spent in the month.';
comment on column upkeep.budget_forecast.spent is 'Effective cost, credits and taxes included, from the first of the month to last_day.';
comment on column upkeep.budget_forecast.last_day is 'Newest day that is counted.';
comment on column upkeep.budget_forecast.days_left is 'Days of the month after it.';
comment on column upkeep.budget_forecast.low is 'Lower bound of the month''s total; null where the past is too short to tell.';
comment on column upkeep.budget_forecast.middle is 'The month''s total as it is expected.';
comment on column upkeep.budget_forecast.high is 'Upper bound of the month''s total.';
comment on column upkeep.budget_forecast.cover is 'How often the total lies between the bounds, as its own past says.';
comment on column upkeep.budget_forecast.n is 'Earlier totals that the bounds were taken from.';
