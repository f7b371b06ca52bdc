-- A rate of one day.
insert into upkeep.currency_rate as old (day, from_currency, to_currency, rate, source)
values (%s, %s, %s, %s, %s)
on conflict (day, from_currency, to_currency) do update set
    rate = excluded.rate,
    source = excluded.source
where (old.rate, old.source) <> (excluded.rate, excluded.source)
