-- Decisions whose time is up and whose run has not said so within an hour: its worker or its Airflow was away.
select key
from upkeep.decision
where status = 'open'
and due_at < %(now)s - interval '1 hour'
order by key
