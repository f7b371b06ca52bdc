-- What the duties about costs said last of a bill.
select current_answer.*
from upkeep.current_answer
where current_answer.target = %(account)s
and current_answer.duty = any(%(duties)s)
