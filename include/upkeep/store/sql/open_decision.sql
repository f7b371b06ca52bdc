-- Open a decision. One that is there already keeps its state: its question is replaced only while nobody was shown it.
insert into upkeep.decision as old (
    key, kind, duty, target, window_start, window_end, run, question, digest, subject, needed, due_days, asked_by,
    status, opened_at, due_at
)
values (
    %(key)s, %(kind)s, %(duty)s, %(target)s, %(start)s, %(end)s, %(run)s, %(question)s, %(digest)s, %(subject)s, %(needed)s,
    %(due_days)s, %(asked_by)s, 'open', %(now)s, %(now)s + %(due_days)s * interval '1 day'
)
on conflict (key) do update set
    question = excluded.question,
    digest = excluded.digest,
    subject = excluded.subject,
    needed = excluded.needed
where old.status = 'open'
and old.asked_at is null
and old.digest <> excluded.digest
