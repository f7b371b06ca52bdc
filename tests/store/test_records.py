"""Records are written in their answer's transaction, replaced with it, and fit their tables."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest

from tests.store.conftest import Store
from upkeep.answer import Answer
from upkeep.discovery import discover
from upkeep.errors import BrokenError, CannotAskError
from upkeep.record import Record
from upkeep.store.records import KEY_COLUMNS

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Thing(Record):
    """A table of the tests."""

    table: ClassVar[str] = "odd thing"

    name: str
    at: datetime
    names: tuple[str, ...] = ()
    more: Any = None


@pytest.fixture
def things(store: Store) -> Store:
    """The report database with a table of its own."""
    store.run("""
        create table upkeep."odd thing" (
            duty text, target text, window_start timestamptz, window_end timestamptz, name text, at timestamptz, names text[],
            more jsonb, primary key (duty, target, window_start, window_end, name),
            foreign key (duty, target, window_start, window_end) references upkeep.answer on delete cascade)
    """)
    return store


@pytest.fixture(autouse=True)
def _gone(store: Store) -> Any:
    yield
    store.run('drop table if exists upkeep."odd thing"')


def put(store: Store, *records: Record, number: int = 0) -> None:
    store.put(Answer.judged("fine", records=records), number)


def names(store: Store) -> list[Any]:
    return store.rows('select name from upkeep."odd thing" order by window_start, name')


def test_they_are_replaced_with_their_answer_and_only_then(things: Store) -> None:
    put(things, Thing("a", AT), Thing("b", AT), number=0)
    put(things, Thing("other day", AT), number=1)
    assert names(things) == [("a",), ("b",), ("other day",)]
    put(things, Thing("c", AT), number=0)
    assert names(things) == [("c",), ("other day",)]
    put(things, number=0)
    assert names(things) == [("other day",)]


def test_values_of_every_kind_arrive_as_they_were(things: Store) -> None:
    put(things, Thing("ä \x00\t\\N \ud800", AT, ("x,y", '"', "\x00"), {"n": [1, None], "s": "\x00"}))
    assert things.rows('select name, at, names, more from upkeep."odd thing"') == [
        ("ä �\t\\N ?", AT, ["x,y", '"', "�"], {"n": [1, None], "s": "�"})
    ]
    assert things.rows("select duty, target, window_end - window_start = '1 day' from upkeep.\"odd thing\"") == [
        ("sequences", "shop", True)
    ]


def test_two_of_one_key_leave_what_was_there(things: Store) -> None:
    put(things, Thing("a", AT))
    with pytest.raises(BrokenError, match="said two things"):
        put(things, Thing("b", AT), Thing("b", AT))
    assert names(things) == [("a",)]


def test_a_missing_table_stores_nothing_of_the_answer(store: Store) -> None:
    with pytest.raises(CannotAskError, match="odd thing"):
        put(store, Thing("a", AT))
    assert store.value("select count(*) from upkeep.answer") == 0


def kinds() -> list[type[Record]]:
    discover()  # domains define theirs where they are used
    return sorted((kind for kind in Record.__subclasses__() if kind.__module__.startswith("upkeep.")), key=lambda k: k.__name__)


@pytest.mark.parametrize("kind", kinds(), ids=lambda kind: kind.__name__)
def test_every_kind_fits_its_table(store: Store, kind: type[Record]) -> None:
    columns = [row[0] for row in store.rows(
        "select column_name from information_schema.columns where table_schema = 'upkeep' and table_name = %s", [kind.table]
    )]  # fmt: skip
    assert columns, f"{kind.__name__}: add a migration that creates upkeep.{kind.table}"
    assert sorted(columns) == sorted((*KEY_COLUMNS, *kind.columns())), f"{kind.__name__}: its fields are the table's columns"
    key = store.rows(
        "select pg_get_constraintdef(oid) from pg_constraint where conrelid = format('upkeep.%%I', %s::text)::regclass"
        " and contype in ('f', 'p') order by contype",
        [kind.table],
    )
    assert "REFERENCES upkeep.answer(duty, target, window_start, window_end) ON DELETE CASCADE" in key[0][0]
    assert key[1][0].startswith(f"PRIMARY KEY ({', '.join(KEY_COLUMNS)}"), f"{kind.table}: the key begins with the answer's"
