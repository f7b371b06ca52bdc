"""Values of settings are constants, whether they are quoted or not."""

import pytest

from tests.lab import Lab
from upkeep.formats.query_shape import fingerprint, shown, without_constants

ACCEPTED = (
    ("set app.token = hunter2", "set app.token = ?"),
    ("SET LOCAL app.token TO hunter2", "SET LOCAL app.token TO ?"),
    ("set session search_path to \"hunter2\", 'hunter2', hunter2", "set session search_path to ?, ?, ?"),
    ("alter role current_user set app.token = hunter2", "alter role current_user set app.token = ?"),
    (
        "create function f() returns int language sql set app.token = hunter2 set app.b to hunter2 as 'select 1'",
        "create function f() returns int language sql set app.token = ? set app.b to ? as ?",
    ),
    (
        "set app.token = hunter2; select hunter from (select 1 as hunter) x",
        "set app.token = ?; select hunter from (select ? as hunter) x",
    ),
)


@pytest.mark.parametrize(("statement", "text"), ACCEPTED)
def test_they_never_come_out(lab: Lab, statement: str, text: str) -> None:
    lab.run(statement)
    assert without_constants(statement) == text
    assert "hunter2" not in shown(statement)
    assert fingerprint(statement) == fingerprint(statement.replace("hunter2", "abc123"))
    lab.run("alter role current_user reset all")


@pytest.mark.parametrize(
    "statement",
    [
        "update t set name = other, a.b = c where d = e",
        "insert into t values ($1) on conflict do update set a = excluded.a",
        "alter table t alter column c set data type text",
        "alter table t set schema other",
        "set role reader",
        "create function f() returns int set search_path from current language sql as ?",
        "set transaction isolation level serializable",
    ],
)
def test_names_stay(statement: str) -> None:
    assert without_constants(statement) == statement
