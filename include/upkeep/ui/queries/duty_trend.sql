-- How many targets answered what, window by window, oldest first.
select
    window_end,
    count(*) filter (where status = 'ok') as ok,
    count(*) filter (where status = 'breach') as breach,
    count(*) filter (where status = 'unknown') as unknown
from upkeep.answer
where duty = %(name)s
and window_end > %(since)s
group by window_end
order by window_end
