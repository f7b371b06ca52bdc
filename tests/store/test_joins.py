"""The drawing of joins: every line is a join that holds, and no table that names another is left out."""

import re

import pytest

from tests.lab import Lab
from upkeep.store.dictionary import data_dictionary
from upkeep.store.joins import drawing, joins

LINE = re.compile(r'^    (\w+) \|\|--o\{ (\w+) : "(.+)"$', re.MULTILINE)


@pytest.mark.baseline
def test_what_names_an_answer_needs_no_line_to_its_duty() -> None:
    columns = ["duty", "target", "window_start", "window_end"]
    found = joins({"answer": columns, "duty": ["name"], "target": ["name"], "finding": columns})
    assert [(join.one, join.many) for join in found] == [("duty", "answer"), ("target", "answer"), ("answer", "finding")]


@pytest.mark.near_miss
def test_a_table_that_names_nothing_has_no_line() -> None:
    assert drawing({"answer": ["duty"], "migration": ["name"]}) == "```mermaid\nerDiagram\n```"


def test_every_line_can_be_joined(migrated: Lab) -> None:
    with migrated.session() as connection:
        lines = LINE.findall(data_dictionary(connection))
        assert {("answer", "finding"), ("run", "answer"), ("backup", "restore"), ("target", "backup")} <= {
            (a, b) for a, b, _ in lines
        }
        for one, many, by in lines:
            pairs = [pair.split(" = ") if " = " in pair else [pair, pair] for pair in by.split(", ")]
            on = " and ".join(f"one.{key} = many.{named}" for key, named in pairs)
            connection.execute(f"select from upkeep.{one} as one inner join upkeep.{many} as many on {on}".encode())
