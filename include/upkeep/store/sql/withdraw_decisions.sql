-- Withdraw what a pair asked before a window's end and is open, and tell the keys. What belongs to a run of its own is left.
update upkeep.decision set
    status = 'withdrawn',
    reason = %(reason)s,
    closed_at = %(now)s
where duty = %(duty)s
and target = %(target)s
and run = ''
and status = 'open'
and window_end < %(before)s
returning key
