-- Rates that are not listed any more are gone: a report that was made with one says it itself.
delete from upkeep.currency_rate as old
where not exists (
    select
    from unnest(%s::date [], %s::text [], %s::text []) as listed (day, from_currency, to_currency)
    where listed.day = old.day
    and listed.from_currency = old.from_currency
    and listed.to_currency = old.to_currency
)
