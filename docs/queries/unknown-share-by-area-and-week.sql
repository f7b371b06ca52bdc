-- What share of the answers of each area said nothing, week by week: a rising share means blind spots.
\if :{?moment} \else \set moment now \endif

select
    coalesce(duty.area, 'undeclared') as area,
    date_trunc('week', answer.window_end - interval '1 microsecond', 'UTC') as week,
    count(*) as answers,
    count(*) filter (where answer.status = 'unknown') as unknown,
    round(count(*) filter (where answer.status = 'unknown')::numeric / count(*), 3) as unknown_share
from upkeep.answer as answer
left join upkeep.duty as duty
    on duty.name = answer.duty
where answer.window_end > :'moment'::timestamptz - interval '84 days'
and answer.window_end <= :'moment'
group by
    duty.area,
    week
order by
    area,
    week;
