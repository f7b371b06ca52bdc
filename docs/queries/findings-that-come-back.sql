-- Findings that were gone and came back, as of a moment: what was done about them does not last.
\if :{?moment} \else \set moment now \endif

select
    life.target,
    life.duty,
    life.object,
    life.severity,
    life.episodes,
    life.state,
    life.first_seen_ever,
    life.found_at,
    life.gone_at,
    life.title
from upkeep.finding_life_as_of(:'moment') as life
where life.reopened > 0
order by
    life.episodes desc,
    life.severity desc,
    life.target,
    life.duty,
    life.object
limit 50;
