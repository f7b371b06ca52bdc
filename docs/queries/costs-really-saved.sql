-- What each measure really saved in whole months, as the newest window before a moment knows it, beside what was expected; worst first.
-- Caveat: price and discount are apart, shared is credited to other measures about the same charges; upkeep.saving.note says more.
\if :{?moment} \else \set moment now \endif

with newest as (
    select
        saving.target,
        max(saving.window_end) as window_end
    from upkeep.saving as saving
    where saving.window_end <= :'moment'::timestamptz
    group by saving.target
)
select
    saving.target as account,
    saving.measure,
    saving.currency,
    count(saving.saved) as months,
    round(sum(saving.saved), 2) as saved,
    round(sum(saving.low), 2) as low,
    round(sum(saving.high), 2) as high,
    measure.expected_saving * count(saving.saved) as expected,
    round(sum(saving.price), 2) as by_price,
    round(sum(saving.discount), 2) as by_discount,
    round(sum(saving.shared), 2) as credited_to_others,
    count(*) filter (where saving.state <> 'measured') as months_not_told
from newest
inner join upkeep.saving as saving
    on saving.target = newest.target
    and saving.window_end = newest.window_end
inner join upkeep.measure as measure
    on measure.account = saving.target
    and measure.name = saving.measure
group by
    saving.target,
    saving.measure,
    saving.currency,
    measure.expected_saving
order by
    saved nulls last,
    saving.target,
    saving.measure;
