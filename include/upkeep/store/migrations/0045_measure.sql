-- What people did to spend less, what came of it month by month, and the rates by which reports make one total of two currencies.

create table upkeep.measure (
    account text not null,
    name text not null,
    what text not null,
    taken_on date not null,
    taken_by text not null,
    sub_account text,
    service text,
    region text,
    tags jsonb not null default '{}',
    resource text,
    expected_saving numeric check (expected_saving >= 0),
    currency text not null check (currency ~ '^[A-Z]{3}$'),
    normalised_by text,
    driver_service text,
    source text not null,
    opportunity text,
    added_at timestamptz not null default now(),
    ended_on date,
    ended_why text,
    check (ended_on >= taken_on),
    check ((ended_on is null) = (ended_why is null)),
    primary key (account, name)
);
create unique index measure_of_opportunity on upkeep.measure (account, opportunity) where opportunity is not null;
comment on table upkeep.measure is 'Measures: what was done to spend less, declared by people. What came of each: upkeep.saving.';
comment on column upkeep.measure.account is 'Target: section accounts of the inventory.';
comment on column upkeep.measure.name is 'Short name, once in an account.';
comment on column upkeep.measure.what is 'What was done.';
comment on column upkeep.measure.taken_on is 'Day (UTC) on which it was done. It is followed from the first whole month on.';
comment on column upkeep.measure.taken_by is 'Who did it.';
comment on column upkeep.measure.sub_account is 'Only charges of this account, subscription or project; null for all.';
comment on column upkeep.measure.service is 'Only charges of this service; null for all.';
comment on column upkeep.measure.region is 'Only charges of this region; null for all.';
comment on column upkeep.measure.tags is 'Only charges with these tags, among those that the account declares.';
comment on column upkeep.measure.resource is 'What was changed, in words or as its id: the ledger has no resources, so that it narrows nothing.';
comment on column upkeep.measure.expected_saving is 'Money a month that it was expected to save; null where nobody said.';
comment on column upkeep.measure.currency is 'Currency of the charges that it is about (ISO 4217).';
comment on column upkeep.measure.normalised_by is 'What costs are set against: a unit of the ledger, "other spend" of the account, or "days"; null for the units of its own charges.';
comment on column upkeep.measure.driver_service is 'Service whose quantity of that unit drives the cost; null for the charges of the measure themselves.';
comment on column upkeep.measure.source is 'Where it comes from: address of a merge request, key of an opportunity, or command line.';
comment on column upkeep.measure.opportunity is 'Key of the opportunity that it takes up; null for none.';
comment on column upkeep.measure.added_at is 'When it was declared.';
comment on column upkeep.measure.ended_on is 'Day from which it is not followed any more; null while it is.';
comment on column upkeep.measure.ended_why is 'Why it ended.';

create table upkeep.saving (
    duty text not null,
    target text not null,
    window_start timestamptz not null,
    window_end timestamptz not null,
    measure text not null,
    month date not null,
    currency text not null,
    state text not null check (state in ('measured', 'following', 'unknown')),
    days_known integer not null,
    days integer not null,
    months_before integer not null,
    normalised_by text not null,
    cost numeric,
    counterfactual numeric,
    saved numeric,
    low numeric,
    high numeric,
    price numeric,
    discount numeric,
    shared numeric,
    saved_before numeric,
    note text not null,
    check ((state = 'measured') = (saved is not null)),
    check (counterfactual - cost = saved + price + discount + shared),
    primary key (duty, target, window_start, window_end, measure, month),
    foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade
);
comment on table upkeep.saving is 'Realised savings: what each measure saved in each whole month after it, as known a day after the window. The newest window has the truth of now.';
comment on column upkeep.saving.duty is 'Duty that measured: savings.';
comment on column upkeep.saving.target is 'Account.';
comment on column upkeep.saving.window_start is 'Start of the window, included.';
comment on column upkeep.saving.window_end is 'End of the window, excluded.';
comment on column upkeep.saving.measure is 'Name of the measure.';
comment on column upkeep.saving.month is 'First day of the month that is about.';
comment on column upkeep.saving.currency is 'Currency of all amounts of the row.';
comment on column upkeep.saving.state is 'measured; following while the month is not whole; unknown with the reason in note.';
comment on column upkeep.saving.days_known is 'Days of the month of which the account has costs.';
comment on column upkeep.saving.days is 'Days of the month.';
comment on column upkeep.saving.months_before is 'Whole months before the measure that it is compared with.';
comment on column upkeep.saving.normalised_by is 'What costs were set against.';
comment on column upkeep.saving.cost is 'Effective cost of its charges in the month, without credits and taxes.';
comment on column upkeep.saving.counterfactual is 'What the same usage would have cost at the unit cost of before.';
comment on column upkeep.saving.saved is 'Part of counterfactual less cost that is credited to the measure; below zero where it costs more.';
comment on column upkeep.saving.low is 'saved, at the lowest unit cost of the months before; null with fewer than two.';
comment on column upkeep.saving.high is 'saved, at the highest unit cost of the months before.';
comment on column upkeep.saving.price is 'Part that a change of prices explains, as charges of the same kind outside every measure show it.';
comment on column upkeep.saving.discount is 'Part that a change of commitments'' discount explains, where the source tells contracted cost.';
comment on column upkeep.saving.shared is 'Part that other measures about the same charges are credited with.';
comment on column upkeep.saving.saved_before is 'saved as it was known a month earlier; null where it was not whole then. Where it differs the ledger was restated.';
comment on column upkeep.saving.note is 'What to know about the number.';

create table upkeep.currency_rate (
    day date not null,
    from_currency text not null check (from_currency ~ '^[A-Z]{3}$'),
    to_currency text not null check (to_currency ~ '^[A-Z]{3}$'),
    rate numeric not null check (rate > 0),
    source text not null,
    primary key (day, from_currency, to_currency)
);
comment on table upkeep.currency_rate is 'Declared rates (inventory: currency_rates), by which reports make a total in one currency. No row of the ledger is ever converted.';
comment on column upkeep.currency_rate.day is 'Day of the rate.';
comment on column upkeep.currency_rate.from_currency is 'Currency that is converted.';
comment on column upkeep.currency_rate.to_currency is 'Currency that totals are in.';
comment on column upkeep.currency_rate.rate is 'What one unit of from_currency is worth in to_currency.';
comment on column upkeep.currency_rate.source is 'Who says so.';
