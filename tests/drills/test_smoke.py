"""Smoke queries: what is right, what is wrong, and what was never answered."""

from decimal import Decimal
from typing import Any

import pytest

from tests.lab import Lab
from upkeep.answer import Severity
from upkeep.drills.outcome import Seen
from upkeep.drills.smoke import BROKEN, RIGHT, WRONG, SmokeAnswer, ask, fits, judge
from upkeep.targets.recovery import SmokeQuery


def query(sql: str = "select 1", **expected: Any) -> SmokeQuery:
    return SmokeQuery(name="orders", sql=sql, **expected)


@pytest.mark.parametrize(
    ("expect", "value", "right"),
    [
        (500, 500, True),
        (500, Decimal("500.00"), True),
        (500, 500.5, False),
        (0.1, Decimal("0.1"), True),
        (500, "500", False),  # a text is no number
        ("500", 500, True),  # what is written as text is compared as it is shown
        (1, True, False),
        (True, True, True),
        (True, 1, False),
        (False, None, False),
        ("null", None, False),  # nothing is never right
        (0, None, False),
        ("shop", "Shop", False),
        ("", "", True),
    ],
)
def test_the_value_itself(expect: Any, value: Any, right: bool) -> None:  # noqa: FBT001 - a case
    assert fits(query(expect=expect), value) is right


@pytest.mark.parametrize(
    ("limits", "value", "right"),
    [
        ({"at_least": 10}, 10, True),
        ({"at_least": 10}, Decimal("9.999"), False),
        ({"at_most": 10}, 10, True),
        ({"at_most": 10}, 10.001, False),
        ({"at_least": 1, "at_most": 3}, 2, True),
        ({"at_least": 1, "at_most": 3}, 4, False),
        ({"at_least": 1, "at_most": 3}, 0, False),
        ({"at_least": 0}, None, False),
        ({"at_least": 0}, "7", False),
        ({"at_least": 0}, True, False),
        ({"at_least": 0}, float("nan"), False),
        ({"at_most": 0}, Decimal("NaN"), False),
        ({"at_least": 0}, float("inf"), True),
    ],
)
def test_limits_are_of_numbers_and_belong_to_it(limits: dict[str, Any], value: Any, right: bool) -> None:  # noqa: FBT001 - a case
    assert fits(query(**limits), value) is right


@pytest.mark.parametrize(
    ("sql", "verdict", "text"),
    [
        ("select 500, 'more' union all select 1, 'less' order by 1 desc", RIGHT, "500"),
        ("select 499", WRONG, "499"),
        ("select null", WRONG, "null"),
        ("select 500 where false", WRONG, "no row"),
        ("select 1/0", BROKEN, "division by zero"),
        ("select * from nowhere", BROKEN, 'relation "nowhere" does not exist'),
        ("select 500; drop table kept", BROKEN, "cannot insert multiple commands into a prepared statement"),
        ("delete from kept", BROKEN, "cannot execute DELETE in a read-only transaction"),
    ],
)
def test_whatever_goes_wrong_is_said(lab: Lab, sql: str, verdict: str, text: str) -> None:
    lab.run("create table kept as select 1 as a")
    found = ask(lab.endpoint, query(sql, expect=500))
    assert (found.verdict, text in found.text) == (verdict, True), found.text
    assert lab.value("select count(*) from kept") == 1


def test_a_query_that_never_ends_is_cut_off(lab: Lab) -> None:
    found = ask(lab.endpoint, query("select pg_sleep(60)::text", expect="", timeout_s=0.2))
    assert (found.verdict, "timeout" in found.text) == (BROKEN, True)


def test_wrong_is_a_finding_and_broken_is_unsure() -> None:
    seen = Seen()
    limits = query(at_least=10, at_most=20)
    judge(
        [SmokeAnswer(query(expect=1), RIGHT, "1"), SmokeAnswer(limits, WRONG, "9"), SmokeAnswer(query(expect=1), BROKEN, "away")],
        seen,
        "newest backup",
    )
    (finding,) = seen.findings
    assert (finding.rule, finding.object, finding.severity) == ("smoke_wrong", "orders", Severity.HIGH)
    assert finding.title == 'the newest backup, restored, answers "orders" with 9, not at least 10 and at most 20'
    assert seen.unsure == ['smoke query "orders" could not be answered by the newest backup: away']
