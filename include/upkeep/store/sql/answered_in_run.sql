-- Whether one question of a run has its answer.
select 1
from upkeep.answers_of_run(%s, %s, %s, %s, %s)
where duty = %s
and target = %s
