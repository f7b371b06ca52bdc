"""Lines that rotation cut in two: the end of one file and the beginning of the next, put together again."""

from collections.abc import Callable
from typing import Any

_MOST = 100
_PIECES = "select count(*), count(distinct file) from logs.line where unread is not null"
_PAIRS = """create temp table pair as
select
    row_number() over (order by head.rowid, tail.rowid) as file,
    head.rowid as head,
    tail.rowid as tail,
    head.unread || tail.unread as line
from (select rowid, file, unread from logs.line where unread is not null) as head
inner join (select rowid, file, unread from logs.line where unread is not null) as tail on tail.file <> head.file"""
_WHOLE = """create temp table whole as
select fitting.*, pair.head, pair.tail from ({rows}) as fitting inner join pair using (file)
where fitting.moment is not null
qualify row_number() over (partition by head order by file) = 1 and row_number() over (partition by tail order by file) = 1"""
_INSERT = "insert into logs.line by name select * exclude (head, tail) from whole"
_DELETE = "delete from logs.line where unread is not null and rowid in (select unnest([head, tail]) from whole)"


def join_cut_lines(session: Any, rows: Callable[[str], str]) -> None:
    """
    Make whole lines of unread pieces of different files where both together fit the format.

    `rows` makes rows of `logs.line` from a relation with the columns file and line. Nothing is tried when there are many pieces:
    then they are not of rotation.
    """
    pieces, of_files = session.execute(_PIECES).fetchone()
    if not 1 < pieces <= _MOST or of_files == 1:
        return
    session.execute(_PAIRS)
    session.execute(_WHOLE.format(rows=rows("(select file, line from pair)")))
    session.execute(_INSERT)
    session.execute(_DELETE)
