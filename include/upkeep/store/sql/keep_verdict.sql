-- The verdict of the data-quality gate is a document beside the report.
insert into upkeep.report (cadence, window_start, window_end, name, title, markdown, content)
values (%s, %s, %s, 'quality', 'Quality of the rows', %s, %s)
on conflict (cadence, window_start, window_end, name) do update
set
    markdown = excluded.markdown,
    content = excluded.content
