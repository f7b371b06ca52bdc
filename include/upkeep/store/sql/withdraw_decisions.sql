-- Withdraw the open reviews of a pair from before a window's end, and tell their keys.
update upkeep.decision set
    status = 'withdrawn',
    reason = %(reason)s,
    closed_at = %(now)s
where duty = %(duty)s
and target = %(target)s
and kind = 'review'
and status = 'open'
and window_end < %(before)s
returning key
