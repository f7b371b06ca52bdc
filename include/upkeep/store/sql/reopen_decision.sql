-- Ask a decision anew: with another question when one is given, in a new round, with all the time that people had at first.
update upkeep.decision set
    question = coalesce(%(question)s::json, question),
    digest = coalesce(%(digest)s, digest),
    subject = coalesce(%(subject)s, subject),
    asked_by = case when %(question)s::json is null then asked_by else %(asked_by)s end,
    status = 'open',
    outcome = null,
    reason = null,
    patch = '',
    round = round + 1,
    opened_at = %(now)s,
    due_at = %(now)s + due_days * interval '1 day',
    asked_at = null,
    reminded_at = null,
    closed_at = null,
    begun_at = null,
    result_ok = null,
    result = null,
    result_at = null
where key = %(key)s
