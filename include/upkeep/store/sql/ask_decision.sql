-- Note that people can answer now: who, and where.
update upkeep.decision set
    signers = %(signers)s,
    asked_at = coalesce(asked_at, %(now)s),
    dag_id = %(dag_id)s,
    run_id = %(run_id)s,
    task_id = %(task_id)s
where key = %(key)s
and status = 'open'
