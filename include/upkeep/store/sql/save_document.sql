-- One document of a window; the same again changes nothing.
insert into upkeep.report (cadence, window_start, window_end, name, title, markdown, content)
values (%(cadence)s, %(start)s, %(end)s, %(name)s, %(title)s, %(markdown)s, %(content)s)
on conflict (cadence, window_start, window_end, name) do update set
    title = excluded.title,
    markdown = excluded.markdown,
    content = excluded.content
where (report.title, report.markdown, report.content) is distinct from (excluded.title, excluded.markdown, excluded.content)
returning 1
