"""Files of an access log that begin long after a window: none of their lines can be of it, so that they are not read."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from upkeep.formats.access_log import Columns, Lines
from upkeep.sources.access_log_files import Interval, head_of
from upkeep.sources.access_log_sql import parsed
from upkeep.sources.objects import ObjectStore

LATE = timedelta(days=1)
"""A line is not held back for as long, whatever the server."""
_LINES = 20


def begin_later(session: Any, lines: Lines, store: ObjectStore, names: Sequence[str], window: Interval) -> Mapping[int, datetime]:
    """
    Files by their place in `names` whose first lines are all a day behind the window's end or more, with the earliest of these.

    What a file's name or time says is not asked: files are copied and renamed. A file with a first line that cannot be read is
    none of them, nor is one whose columns are named in a line of its own.
    """
    if isinstance(lines, Columns):
        return {}
    session.execute("create or replace temp table head (file integer, line varchar)")
    heads = [(number, line) for number, name in enumerate(names) for line in _first_lines(store, name)]
    if not heads:
        return {}
    session.execute("insert into head select unnest(?), unnest(?)", [list(each) for each in zip(*heads, strict=True)])
    found = session.execute(
        f"select file, min(moment) from ({parsed(lines, 'head', (), ())}) group by file "  # noqa: S608 - a query of ours
        "having count(moment) = count(*) and min(moment) > ?",
        [window.end + LATE],
    )
    return dict(found.fetchall())


def _first_lines(store: ObjectStore, name: str) -> Sequence[str]:
    """Whole lines of its beginning."""
    whole = head_of(store, name).rpartition(b"\n")[0]
    return whole.decode("utf-8", "replace").split("\n")[:_LINES] if whole else []
