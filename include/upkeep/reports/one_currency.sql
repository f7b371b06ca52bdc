-- The newest rate of each currency that is declared up to a day.
select distinct on (rate.from_currency)
    rate.day,
    rate.from_currency,
    rate.to_currency,
    rate.rate,
    rate.source
from upkeep.currency_rate as rate
where rate.day <= %(day)s
order by
    rate.from_currency,
    rate.day desc
