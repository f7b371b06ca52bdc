"""Outputs of many statements of one session: each exactly what it would be alone, sent ahead, none waiting for the other."""

import os
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest

from tests.backups.test_psql import PLANT, by_driver, open_session
from tests.lab import Lab
from upkeep.backups import pipelined
from upkeep.backups.pipelined import END, Outputs, cut, pipe_size
from upkeep.backups.psql import Psql, SessionError

TEXTS = [b"", b"a\n", b"\\\\.\n", b"\\\\.\n\n\\\\.\n", b"x" * 9 + b"\n", b"\n\n\n", b"a\\.\nb\n", b"\\N\t\\\\.\n"]
QUERIES = [
    "select line from odd",
    "select line from odd where false",
    "select from generate_series(1, 3)",
    "select E'\\\\.' from generate_series(1, 3)",
    "select repeat('y', 3000000)",
    "select '' from generate_series(1, 200000)",
]


class Dribble(BytesIO):
    """Gives at most `piece` bytes at a time, as a pipe may."""

    piece = 1

    def read(self, size: int | None = -1, /) -> bytes:
        """The next few bytes."""
        return super().read(min(size or 0, self.piece))


class Sink(BytesIO):
    """Takes requests, and has no descriptor, as a system without such pipes."""

    def fileno(self) -> int:
        """There is none."""
        raise OSError

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []

    def write(self, data: Any, /) -> int:
        """Remember it."""
        self.writes.append(bytes(data))
        return len(data)


def lost() -> Exception:
    return SessionError("gone", "", retry=True)


@pytest.fixture
def session(lab: Lab) -> Iterator[Psql]:
    lab.run(PLANT)
    with open_session(lab) as made:
        yield made


@pytest.mark.parametrize("piece", [*range(1, 14), 1000])
def test_outputs_cut_anywhere_are_told_apart(piece: int) -> None:
    out = Dribble(b"".join(text + END for text in TEXTS))
    out.piece = piece
    found = [b"".join(blocks) for blocks in Outputs(Sink(), out, (b"q\n" for _ in TEXTS), lost)]
    assert found == TEXTS


@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_blocks_hold_no_line_of_the_end_and_are_never_empty(piece: int) -> None:
    out = Dribble(b"".join(text + END for text in TEXTS))
    out.piece = piece
    for text, blocks in zip(TEXTS, Outputs(Sink(), out, (b"q\n" for _ in TEXTS), lost), strict=True):
        given = list(blocks)
        assert all(given), text
        assert b"".join(given) == text


def test_what_was_not_read_of_one_is_passed_over() -> None:
    out = BytesIO(b"first\nmore\n" + END + b"second\n" + END)
    assert [next(blocks) for blocks in Outputs(Sink(), out, [b"1\n", b"2\n"], lost)] == [b"first\nmore\n", b"second\n"]


def test_an_output_that_ends_without_its_line_is_an_error() -> None:
    outputs = iter(Outputs(Sink(), BytesIO(b"a\n" + END + b"b\n\\."), [b"1\n", b"2\n", b"3\n"], lost))
    assert list(next(outputs)) == [b"a\n"]
    second = next(outputs)
    with pytest.raises(SessionError, match="gone"):
        list(second)


def test_nothing_asked_is_nothing_read() -> None:
    into = Sink()
    assert list(Outputs(into, BytesIO(b""), [], lost)) == []
    assert into.writes == []


@pytest.mark.parametrize(
    ("data", "start", "starts_line", "found"),
    [
        (b"", 0, True, (0, False)),
        (b"\\.\n", 0, True, (0, True)),
        (b"\\.\n", 0, False, (3, False)),
        (b"\n\\.\n", 0, False, (1, True)),
        (b"ab\\.\n\\.\nc", 2, False, (5, True)),
        (b"ab\n\\.\nc", 5, False, (7, False)),
        (b"ab\n\\", 0, False, (3, False)),
        (b"ab\n\\.", 0, True, (3, False)),
        (b"ab\n\\.x", 0, True, (6, False)),
        (b"\\.", 0, True, (0, False)),
        (b"\\.", 0, False, (2, False)),
        (b"ab", 1, True, (2, False)),
        (b"ab\n", 0, False, (3, False)),
        (b"x\n\\.", 2, True, (2, False)),
    ],
)
def test_where_an_output_ends(data: bytes, start: int, starts_line: bool, found: tuple[int, bool]) -> None:  # noqa: FBT001 - a column
    assert cut(data, start, starts_line=starts_line) == found


def test_statements_are_sent_ahead_as_many_as_the_pipe_holds() -> None:
    into, statement = Sink(), b"x" * 100
    outputs = iter(Outputs(into, BytesIO(END * 1000), (statement for _ in range(1000)), lost))
    next(outputs)
    assert [len(data) for data in into.writes] == [2000], "half a page: a system that tells nothing has pipes of one"
    assert sum(1 for _ in outputs) == 999
    assert sum(map(len, into.writes)) == 100_000
    assert len(into.writes) <= 1 + 2 * 100_000 // 2000, "and then many at a time"


def test_a_statement_longer_than_the_pipe_goes_alone() -> None:
    into, long = Sink(), b"y" * 50_000
    assert sum(1 for _ in Outputs(into, BytesIO(END * 5), [b"a", long, b"b", long, long], lost)) == 5
    assert into.writes == [b"a", long, b"b", long, long]


def test_a_pipe_tells_its_size() -> None:
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb"), os.fdopen(writing, "wb", buffering=0) as into:
        size = pipe_size(into)
        assert size >= 4096
        os.set_blocking(writing, False)
        assert into.write(b"x" * (size // 2)) == size // 2, "what is sent ahead never waits"
    assert pipe_size(Sink()) == 4096


def test_each_gives_what_the_driver_gives(lab: Lab, session: Psql) -> None:
    statements = [f"copy ({query}) to stdout" for query in QUERIES]
    found = [b"".join(blocks) for blocks in session.copies(statements)]
    assert found == [by_driver(lab, statement) for statement in statements]
    assert session.ask("select 1") == "1", "and the session goes on"


def test_more_than_all_pipes_hold(session: Psql, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pipelined, "CHUNK", 4096)  # pipes of one page: whoever waited for the other would wait for ever
    query = "copy (select repeat('x', 1000) from generate_series(1, 30)) to stdout"
    assert [sum(map(len, blocks)) for blocks in session.copies([query] * 300)] == [30_030] * 300


def test_statements_longer_than_their_pipe(session: Psql) -> None:
    long = f"copy (select {', '.join(str(n) for n in range(1600))}, '{'z' * (1 << 20)}') to stdout"
    assert [sum(map(len, blocks)) > 1 << 20 for blocks in session.copies([long] * 3)] == [True] * 3


def test_the_error_of_one_ends_all(session: Psql) -> None:
    outputs = session.copies(["copy (select 1) to stdout", "copy (select 1 / 0) to stdout", "copy (select 2) to stdout"])
    assert list(next(outputs)) == [b"1\n"]
    with pytest.raises(SessionError, match="division by zero"):
        list(next(outputs))


def test_a_session_that_was_ended(session: Psql) -> None:
    session.end()
    with pytest.raises(SessionError, match="ended from outside"):
        list(next(session.copies(["copy (select 1) to stdout"] * 3)))
