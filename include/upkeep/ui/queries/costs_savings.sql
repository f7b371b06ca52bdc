-- Every measure with what it saved in the months that are measured, as known at the newest answer; negative ones too.
select
    measure.name,
    measure.what,
    measure.taken_on,
    measure.taken_by,
    measure.expected_saving,
    measure.ended_on,
    count(saving.month) filter (where saving.state = 'measured') as months,
    sum(saving.saved) as saved,
    sum(saving.low) filter (where saving.state = 'measured') as low,
    sum(saving.high) filter (where saving.state = 'measured') as high,
    count(*) filter (where saving.saved <> saving.saved_before) as restated,
    (array_agg(saving.state order by saving.month desc))[1] as state,
    (array_agg(saving.note order by saving.month desc))[1] as note
from upkeep.measure
left join upkeep.current_answer as answer
    on answer.duty = 'savings'
    and answer.target = measure.account
left join upkeep.saving
    on saving.duty = answer.duty
    and saving.target = answer.target
    and saving.window_start = answer.window_start
    and saving.window_end = answer.window_end
    and saving.measure = measure.name
where measure.account = %(account)s
and measure.currency = %(currency)s
group by
    measure.account,
    measure.name
order by
    sum(saving.saved) desc nulls last,
    measure.name
