-- Days of a bill by account and currency: what they cost, how many rows of the source that is, and how many keys stand there twice.
-- Caveat: a key is steady where the days beside have the same number of source rows for it; only those tell what is doubled.
with known as (
    select
        spend.*,
        lag(spend.source_rows) over by_key as rows_before,
        lag(spend.day) over by_key as day_before,
        lead(spend.source_rows) over by_key as rows_after,
        lead(spend.day) over by_key as day_after
    from upkeep.spend_known(%(account)s, %(first)s, %(last)s, %(known_by)s) as spend
    window by_key as (
        partition by spend.key
        order by spend.day
    )
),
judged as (
    select
        known.*,
        known.day_before = known.day - 1
        and (known.day_after is null or (known.day_after = known.day + 1 and known.rows_after = known.rows_before)) as steady
    from known
)
select
    judged.day,
    judged.sub_account,
    judged.currency,
    sum(judged.billed_cost) as billed,
    sum(judged.billed_cost) filter (where judged.category <> 'Credit') as without_credits,
    sum(judged.source_rows)::int8 as source_rows,
    count(*) filter (where judged.steady) as steady,
    count(*) filter (where judged.steady and judged.source_rows = 2 * judged.rows_before) as doubled
from judged
group by
    judged.day,
    judged.sub_account,
    judged.currency
order by
    judged.day,
    judged.sub_account,
    judged.currency
