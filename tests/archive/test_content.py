"""Rows of a binary COPY are taken apart exactly; their digest is of their content, not of pieces nor of who reads it."""

import random
import struct
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from psycopg.sql import SQL, Composed

from tests.lab import Lab
from upkeep.archive import copy_stream, reading
from upkeep.archive.binary_rows import Rows, taken_apart
from upkeep.archive.columns import Column, Found, mapped
from upkeep.archive.content_digest import ContentDigest
from upkeep.archive.copy_stream import Piece, pieces
from upkeep.archive.manifest import DamagedError
from upkeep.archive.rows_file import RowsFile
from upkeep.archive.session import Session, session
from upkeep.errors import BrokenError, CannotAskError

COUNT = 997
KINDS = {
    "smallint": "(random() * 60000 - 30000)::int", "integer": "(random() * 4e9 - 2e9)::int",
    "bigint": "(random() * 1e18)::bigint",
    "oid": "(random() * 4e9)::bigint::oid", "boolean": "random() < 0.5", "real": "random() * 1e30",
    "double precision": "random()", "date": "date '1600-01-01' + (random() * 300000)::int",
    "timestamp": "timestamp '1500-01-01' + random() * interval '800 years'",
    "timestamptz": "timestamptz '1500-01-01' + random() * interval '800 years'",
    "time": "time '00:00' + random() * interval '1 day'", "text": "repeat('ä|\"', (random() * 9)::int)",
    "bytea": "decode(repeat('00ff', (random() * 5)::int), 'hex')", "numeric(12,3)": "(random() * 1e8 - 5e7)",
    "uuid": "md5(random()::text)::uuid", "integer[]": "array[1, null, i]",
}  # fmt: skip


@pytest.fixture
def opened(lab: Lab) -> Iterator[Session]:
    """A table with a column of each kind, a third of whose values are null."""
    lab.run(f"create table t (id int, {', '.join(f'c{n} {kind}' for n, kind in enumerate(KINDS))})")
    values = ", ".join(f"case when random() > 0.3 then {value} end" for value in KINDS.values())
    lab.run(f"select setseed(0.5); insert into t select i, {values} from generate_series(1, {COUNT}) as i")
    with session(lab.endpoint, "content", 2) as one:
        yield one


def columns_of(one: Session) -> tuple[Column, ...]:
    (oid,) = one.one("select 'public.t'::regclass::oid::int8")
    return mapped(one.rows("columns", Found, {"oid": oid}))


def statement(columns: tuple[Column, ...], where: str = "true") -> Composed:
    asked = ", ".join(column.sent.replace("{0}", f't."{column.name}"') for column in columns)
    text = f"copy (select t.ctid, t.xmin, {asked} from public.t as t where {where} order by t.id) to stdout (format binary)"
    return Composed([SQL(text)])


def came(one: Session, where: str = "true") -> list[Rows]:
    columns = columns_of(one)
    with closing(pieces(one, statement(columns, where))) as stream:
        return [taken_apart(piece, columns) for piece in stream]


def digest_of(parts: list[Rows], columns: int) -> str:
    digest = ContentDigest(columns)
    for part in parts:
        digest.add(part.values)
    return digest.hexdigest()


def test_values_places_and_writers_are_what_a_query_says(opened: Session) -> None:
    (part,) = came(opened)
    names = [column.name for column in columns_of(opened)]
    as_it_is = {"real": "{}::float8", "uuid": "{}::text", "integer[]": "{}::text"}
    asked = [as_it_is.get(kind, "{}").format(name) for name, kind in zip(names, ["integer", *KINDS], strict=True)]
    rows = opened.connection.execute(f"select {', '.join(asked)} from public.t order by id".encode()).fetchall()
    found = [tuple(row.values()) for row in part.table.to_pylist()]
    assert rows == found
    places = opened.connection.execute("select ctid::text, xmin::text from public.t order by id").fetchall()
    messages = [(f"({page},{line})", str(by)) for page, line, by in zip(part.pages, part.lines, part.writers, strict=True)]
    assert messages == places


def test_the_digest_does_not_depend_on_pieces_or_on_who_reads(
    opened: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = columns_of(opened)
    whole = digest_of(came(opened), len(columns))
    for rows in (2, 10, 500):
        monkeypatch.setattr(copy_stream, "GROUP_ROWS", rows)
        parts = came(opened)
        assert len(parts) == -(-COUNT // rows)
        assert digest_of(parts, len(columns)) == whole
    with RowsFile(tmp_path / "t.parquet", columns) as file:
        for part in parts:
            file.write(part.table)
    assert reading.content(tmp_path / "t.parquet", columns) == reading.Content(COUNT, whole)


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_any_other_value_is_another_digest(opened: Session, number: int) -> None:
    columns = columns_of(opened)
    before = digest_of(came(opened), len(columns))
    name, chosen = f"c{number}", random.Random(number).randrange(1, COUNT)  # noqa: S311 - the same each time
    other = list(KINDS.values())[number].replace(" i]", " 7]")
    opened.connection.execute(
        f"update public.t as t set {name} = case when {name} is null then {other} end where id = {chosen}".encode()
    )
    after = digest_of(came(opened), len(columns))
    assert after != before
    assert digest_of(came(opened, "id > 1"), len(columns)) != after


def test_nothing_at_all_has_no_pieces(opened: Session) -> None:
    assert came(opened, "false") == []


def test_a_stream_that_is_left_early_leaves_the_session_usable(opened: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copy_stream, "GROUP_ROWS", 10)
    stream = pieces(opened, statement(columns_of(opened)))
    assert len(next(stream).sizes) == 10
    stream.close()
    assert opened.one("select 1") == (1,)


def row(*values: bytes | None) -> bytes:
    """As a binary COPY sends it."""
    fields = [struct.pack(">i", -1) if value is None else struct.pack(">i", len(value)) + value for value in values]
    return struct.pack(">h", len(values)) + b"".join(fields)


PLACE, WRITER = struct.pack(">IH", 7, 3), struct.pack(">I", 9)
NUMBER = (Column("n", "integer", "int4", "int32"),)


def piece(*rows: bytes) -> Piece:
    return Piece(bytearray(b"".join(rows)), [len(each) for each in rows])


def test_rows_with_and_without_a_value_are_taken_apart_alike() -> None:
    one, none = row(PLACE, WRITER, struct.pack(">i", -5)), row(PLACE, WRITER, None)
    assert [taken_apart(piece(*rows), NUMBER).table["n"].to_pylist() for rows in ([one, one], [one, none], [none])] == [
        [-5, -5], [-5, None], [None]]  # fmt: skip
    found = taken_apart(piece(none), NUMBER)
    assert (found.pages.tolist(), found.lines.tolist(), found.writers.tolist()) == ([7], [3], [9])


@pytest.mark.parametrize(
    "broken",
    [
        row(PLACE, WRITER, b"12345678"),
        row(PLACE, WRITER, b"1"),
        row(PLACE, WRITER),
        row(PLACE, WRITER, struct.pack(">i", 1))[:-1],
        row(PLACE, b"12", struct.pack(">i", 1)),
        b"\0\3",
    ],
)
def test_rows_of_another_form_are_refused(broken: bytes) -> None:
    with pytest.raises(BrokenError, match="the copy has"):
        taken_apart(piece(broken), NUMBER)


@pytest.mark.parametrize("head", [b"", b"PGCOPY", b"1\t2\n"])
def test_what_is_no_binary_copy_is_refused(head: bytes) -> None:
    with pytest.raises(BrokenError, match="does not begin"):
        Piece().begin(head)


@pytest.mark.parametrize(
    ("kind", "value", "message"),
    [
        ("date", "'infinity'", "infinity"), ("date", "'-infinity'", "-infinity"),
        ("date", "'0044-03-15 BC'", "of a year before 1"),
        ("timestamp", "'infinity'", "infinity"), ("timestamptz", "'-infinity'", "-infinity"), ("time", "'24:00'", "24:00:00"),
        ("timestamp", "'10000-01-01'", "or after 9999"), ("numeric(4,1)", "'NaN'", "NaN"),
    ],
)  # fmt: skip
def test_what_a_file_cannot_hold_is_said_with_its_value(lab: Lab, kind: str, value: str, message: str) -> None:
    lab.run(f"create table t (id int, strange {kind}); insert into t values (1, null), (2, {value})")
    with session(lab.endpoint, "content", 2) as one, pytest.raises(CannotAskError) as refused:
        came(one)
    assert refused.value.reason.startswith("Parquet cannot hold of column strange (")
    assert message in refused.value.reason


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("id::bigint as id", "column id is BIGINT, not INTEGER"),
        ("id::varchar as id", "column id is VARCHAR"),
        ("1 as x", "not there"),
    ],
)
def test_a_file_in_another_form_is_damaged(tmp_path: Path, change: str, message: str) -> None:
    import duckdb

    path: Any = tmp_path / "t.parquet"
    duckdb.connect().execute(f"copy (select {change} from (select 1::integer as id)) to '{path}' (format parquet)")
    with pytest.raises(DamagedError, match=message):
        reading.content(path, (Column("id", "integer", "int4", "int32"),))


def test_every_not_a_number_is_the_same(tmp_path: Path) -> None:
    column = Column("f", "double precision", "float8", "double")
    bits = [0x7FF8000000000000, 0xFFF8000000000000, 0x7FF8000000000001]
    seen = set()
    for number, one in enumerate(bits):
        path = tmp_path / f"{number}.parquet"
        with RowsFile(path, [column]) as file:
            file.write(pa.table({"f": pa.array([one], pa.uint64()).view(pa.float64())}))
        seen.add(reading.content(path, [column]).digest)
    assert len(seen) == 1
