-- What came of what was decided; the newest try counts.
update upkeep.decision set
    result_ok = %(ok)s,
    result = %(text)s,
    result_at = %(now)s
where key = %(key)s
