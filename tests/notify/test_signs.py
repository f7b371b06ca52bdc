"""The sign of a run, and what a message names of many: green is only what was asked, known and sound."""

from dataclasses import replace
from datetime import date
from http import HTTPStatus
from typing import Any

import pytest

from tests.notify.hostile import FAILED, WINDOW, report
from tests.notify.test_limits import LINKS
from upkeep.notify.failure import Failure, Wrong, failure
from upkeep.notify.slack_errors import LaterError, RefusedError, raise_answer
from upkeep.notify.summary import mark, summary
from upkeep.reports.lines import AnswerLine, UnaskedLine
from upkeep.reports.missed import MissedRuns
from upkeep.reports.run import RunReport
from upkeep.store.quality_result import QualityResult

SOUND = QualityResult(18)
UNKNOWN = AnswerLine("sequences", "database", "blog", "unknown", "no right", "grant", "daily", "run", "a.b", 1)
OK = AnswerLine("sequences", "database", "shop", "ok", "all fine", "", "daily", "run", "a.b", 0)
MISSED = MissedRuns("weekly", date(2026, 11, 9), date(2026, 11, 15), 1)
BLOG = UnaskedLine("database", "sequences", "blog")
LOW: Any = replace(report(1, 1).findings[0], waived=False, red=False, severity="low")


def made(**more: Any) -> RunReport:
    """A run in which one question was put and answered well."""
    return replace(report(1, 0, SOUND), **{"answers": (OK,), **more})


@pytest.mark.baseline
def test_green_is_a_run_in_which_all_is_well() -> None:
    assert mark(made()) == "✅"
    assert mark(made(findings=(replace(LOW, waived=True),))) == "✅", "what was accepted is nobody's work"


@pytest.mark.parametrize(
    "more",
    [
        {"answers": ()},
        {"answers": (OK, UNKNOWN)},
        {"findings": (LOW,)},
        {"missing": (BLOG,)},
        {"missed": (MISSED,)},
        {"quality": None},
        {"quality": FAILED},
    ],
    ids=lambda more: next(iter(more)),
)
def test_one_thing_amiss_is_not_green(more: dict[str, Any]) -> None:
    assert mark(made(**more)) == "🟡"


@pytest.mark.fault
def test_red_is_what_needs_a_person() -> None:
    assert mark(made(findings=(replace(LOW, red=True),))) == "🔴"


@pytest.mark.parametrize(("number", "more"), [(5, ""), (7, "and 2 more")])
def test_of_many_without_a_result_or_a_run_five_are_named(number: int, more: str) -> None:
    for said in ({"missing": (BLOG,) * number}, {"missed": (MISSED,) * number}):
        text = str(summary(made(**said), LINKS))
        assert (more in text) is True
        assert (" more" in text) is bool(more)


@pytest.mark.parametrize(("found", "there"), [((), True), ((Wrong("high", "full", "vacuum t;"),), False)])
def test_a_remedy_of_the_whole_stands_where_no_finding_has_one(found: tuple[Wrong, ...], there: bool) -> None:  # noqa: FBT001 - a case
    told = Failure(
        duty="sequences", target="shop", window=str(WINDOW), summary="it broke", remedy="grant it", found=found, owner_slack="",
        runbook="", log="", asked_at=WINDOW.end,
    )  # fmt: skip
    assert ("grant it" in str(failure(told))) is there
    assert "Fix: " not in str(failure(replace(told, remedy="", found=())))


@pytest.mark.parametrize(
    ("status", "code", "error", "words"),
    [
        (HTTPStatus.OK, "channel_not_found", RefusedError, "channel_not_found"),
        (HTTPStatus.OK, "", LaterError, "is not Slack"),
        (HTTPStatus.OK, "please log in", LaterError, "is not Slack"),
        (HTTPStatus.OK, "<html>", LaterError, "is not Slack"),
        (HTTPStatus.OK, "ratelimited", LaterError, "asked to wait"),
        (HTTPStatus.TOO_MANY_REQUESTS, "", LaterError, "asked to wait"),
        (HTTPStatus.BAD_GATEWAY, "", LaterError, "in trouble: HTTP 502"),
    ],
)
def test_only_slack_itself_refuses_for_good(status: int, code: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        raise_answer(status, code, {}, delivery_uncertain=False)
