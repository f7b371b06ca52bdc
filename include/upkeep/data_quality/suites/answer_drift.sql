-- The share of unknown answers of a window against up to seven earlier ones of its cadence: by how much it rose. Null where fewer
-- than ten answers or fewer than five earlier windows say too little.
with shares as (
    select
        answer.window_start,
        answer.window_end,
        count(*) as answers,
        avg((answer.status = 'unknown')::integer)::float8 as unknown
    from upkeep.answer as answer
    where answer.cadence = %(cadence)s
    and answer.window_end <= %(end)s
    and answer.window_end > %(start)s::timestamptz - 8 * (%(end)s::timestamptz - %(start)s::timestamptz)
    group by
        answer.window_start,
        answer.window_end
),
earlier as (
    select
        count(*) as windows,
        avg(shares.unknown) as unknown
    from shares
    where shares.window_end <= %(start)s
)
select
    concat(
        round(shares.answers * shares.unknown), ' of ', shares.answers, ' answers are unknown, usually a share of ',
        round(earlier.unknown::numeric, 2)
    ) as about,
    case when shares.answers >= 10 and earlier.windows >= 5 then shares.unknown - earlier.unknown end as rise
from shares
cross join earlier
where shares.window_start = %(start)s
and shares.window_end = %(end)s
order by about
