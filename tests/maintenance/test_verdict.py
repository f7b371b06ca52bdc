"""What is told of a round over tables: nothing that was left is passed over in silence."""

from typing import Any

import pytest
from psycopg.sql import SQL

from tests.store.conftest import FIRST
from upkeep.answer import Severity
from upkeep.maintenance.round import Round, ToDo
from upkeep.maintenance.verdict import findings, metrics, planned, summary
from upkeep.maintenance.work import Action, Outcome, Work

NOT_NEEDED: Any = None


def worked(name: str, outcome: Outcome = Outcome.DONE, **more: Any) -> Work:
    fields: dict[str, Any] = {"seconds": 30.0, "action": Action.VACUUM, "reasons": ("dead rows",), **more}
    return Work(id=name, target="shop", table_name=name, outcome=outcome, begun_at=FIRST, **fields)


def todo(name: str) -> ToDo:
    return ToDo(oid=1, name=name, reasons=("many dead rows", "frozen long ago"), statement=SQL("vacuum {}").format(SQL(name)))


def ended(*done: Work, left: tuple[str, ...] = (), action: Action = Action.VACUUM) -> Round:
    made = Round("shop", action, NOT_NEEDED, NOT_NEEDED, NOT_NEEDED, 60, done=list(done))
    made.left += map(todo, left)
    return made


@pytest.mark.baseline
def test_all_that_was_due_is_done() -> None:
    made = ended(worked("a"), worked("b", seconds=None))
    assert summary(made, 9) == "2 of 9 tables vacuumed in 30 s"
    assert list(findings(made)) == []
    assert {m.name: m.value for m in metrics(made)} == {"vacuumed_tables": 2, "tables_not_reached": 0, "maintenance_seconds": 30}


@pytest.mark.near_miss
def test_a_table_that_was_dropped_needs_nobody() -> None:
    made = ended(worked("a"), worked("b", Outcome.VANISHED))
    assert summary(made, 2) == "1 of 2 tables vacuumed in 30 s; 1 dropped meanwhile"
    assert list(findings(made)) == []


@pytest.mark.fault
@pytest.mark.parametrize("outcome", [Outcome.LOCKED, Outcome.GAVE_WAY, Outcome.OUT_OF_TIME])
def test_what_was_not_reached_is_one_finding_with_all_names(outcome: Outcome) -> None:
    made = ended(worked("a"), worked("b", outcome), left=("c", "d"), action=Action.ANALYZE)
    (found,) = findings(made)
    assert (found.rule, found.severity, found.value) == ("analyze_not_reached", Severity.LOW, 3)
    assert found.details["tables"] == ["b", "c", "d"]
    assert found.remedy.startswith("upkeep job statistics shop ")
    assert summary(made, 4).endswith("; no time was left for 2")
    assert {m.name: m.value for m in metrics(made)}["tables_not_reached"] == 3


def test_vacuum_goes_on_by_its_own_job() -> None:
    (found,) = findings(ended(left=("c",)))
    assert (found.rule, found.remedy.startswith("upkeep job vacuum shop ")) == ("vacuum_not_reached", True)


@pytest.mark.fault
def test_each_table_that_fails_is_a_grave_finding() -> None:
    made = ended(worked("a", Outcome.FAILED, message="invalid page"), worked("b", Outcome.FAILED, message="x"))
    assert [(f.rule, f.object, f.severity) for f in findings(made)] == [
        ("vacuum_failed", "a", Severity.HIGH),
        ("vacuum_failed", "b", Severity.HIGH),
    ]
    assert next(findings(made)).title == "vacuum of a fails: invalid page"


@pytest.mark.parametrize(
    ("names", "text"),
    [
        ((), "0 tables would be analyzed; dry run, nothing was changed"),
        (("a", "b"), "2 tables would be analyzed: a (many dead rows) first; dry run, nothing was changed"),
    ],
)
def test_a_dry_run_says_what_would_be_first(names: tuple[str, ...], text: str) -> None:
    answer = planned(Action.ANALYZE, [todo(name) for name in names], hours="open")
    assert (answer.summary, answer.evidence["dry_run"], answer.evidence["hours"]) == (text, True, "open")
    assert [(one["table"], one["statement"]) for one in answer.evidence["todo"]] == [(name, f"vacuum {name}") for name in names]
