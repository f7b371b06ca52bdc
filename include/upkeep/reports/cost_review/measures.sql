-- Measures with what they saved in whole months, as the answer about a window has it; the worst first.
with newest as (
    select distinct on (saving.target, saving.measure)
        saving.target,
        saving.measure,
        saving.month,
        saving.saved,
        saving.low,
        saving.high
    from upkeep.saving as saving
    where saving.window_start = %(start)s
    and saving.window_end = %(end)s
    and saving.state = 'measured'
    order by
        saving.target,
        saving.measure,
        saving.month desc
)
select
    saving.target as account,
    saving.measure,
    measure.taken_on,
    saving.currency,
    measure.expected_saving as expected,
    newest.month,
    newest.saved,
    newest.low,
    newest.high,
    sum(saving.saved) as in_all,
    count(saving.saved) as months,
    count(*) filter (where saving.saved <> saving.saved_before) as restated,
    (array_agg(saving.note order by saving.month desc))[1] as note,
    max(saving.month) filter (where saving.state = 'following') as follows,
    max(saving.days_known) filter (where saving.state = 'following') as days_known,
    max(saving.days) filter (where saving.state = 'following') as days
from upkeep.saving as saving
inner join upkeep.measure as measure
    on measure.account = saving.target
    and measure.name = saving.measure
left join newest
    on newest.target = saving.target
    and newest.measure = saving.measure
where saving.window_start = %(start)s
and saving.window_end = %(end)s
group by
    saving.target,
    saving.measure,
    measure.taken_on,
    saving.currency,
    measure.expected_saving,
    newest.month,
    newest.saved,
    newest.low,
    newest.high
order by
    newest.saved nulls last,
    saving.target,
    saving.measure
