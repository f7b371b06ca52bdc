-- End a decision that is open; one that has ended keeps its end.
update upkeep.decision set
    status = %(status)s,
    outcome = %(outcome)s,
    reason = %(reason)s,
    patch = %(patch)s,
    closed_at = %(now)s
where key = %(key)s
and status = 'open'
