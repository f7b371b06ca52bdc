"""Answers: three states, stable fingerprints, findings in order."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from upkeep.answer import Answer, Finding, Severity, Status


def finding(rule: str = "r", thing: str = "public.t", severity: Severity = Severity.HIGH, title: str = "3 of 2") -> Finding:
    return Finding(rule=rule, object=thing, severity=severity, title=title, remedy="mend it")


def test_any_finding_is_a_breach_and_none_is_ok() -> None:
    assert Answer.judged("fine").status is Status.OK
    assert Answer.judged("bad", findings=[finding(severity=Severity.LOW)]).status is Status.BREACH


def test_unknown_is_never_ok_and_keeps_its_remedy() -> None:
    answer = Answer.unknown("no right", "grant it;")
    assert answer.status is Status.UNKNOWN
    assert answer.evidence == {"remedy": "grant it;"}
    assert Answer.unknown("away").evidence == {}


def test_findings_come_worst_first_then_by_name_whatever_the_order_given() -> None:
    given = [finding("b", severity=Severity.LOW), finding("a", "z"), finding("a", "y"), finding("c", severity=Severity.CRITICAL)]
    for order in (given, given[::-1]):
        answer = Answer.judged("bad", findings=order)
        assert [(f.rule, f.object) for f in answer.findings] == [("c", "public.t"), ("a", "y"), ("a", "z"), ("b", "public.t")]
        assert answer.worst is Severity.CRITICAL
    assert Answer.judged("fine").worst is None


def test_a_fingerprint_ignores_numbers_and_keeps_things_apart() -> None:
    usual = finding().fingerprint("sizes", "shop")
    assert len(usual) == 16
    assert finding(title="9 of 2", severity=Severity.LOW).fingerprint("sizes", "shop") == usual
    others = {
        finding("other").fingerprint("sizes", "shop"),
        finding(thing="public.u").fingerprint("sizes", "shop"),
        finding().fingerprint("ages", "shop"),
        finding().fingerprint("sizes", "replica"),
        finding(rule="r\x1fpublic", thing="t").fingerprint("sizes", "shop"),
    }
    assert len(others | {usual}) == 6


def test_a_day_of_its_own_needs_a_time_zone_and_changes_no_fingerprint() -> None:
    dated = replace(finding(), due_by=datetime(2026, 12, 1, tzinfo=UTC))
    assert dated.fingerprint("sizes", "shop") == finding().fingerprint("sizes", "shop")
    with pytest.raises(ValueError, match="has no time zone"):
        replace(finding(), due_by=datetime(2026, 12, 1))  # noqa: DTZ001 - that is the fault


def test_severities_are_ordered_and_read_from_words() -> None:
    assert Severity.LOW < Severity.MEDIUM < Severity.HIGH < Severity.CRITICAL
    assert [Severity.parse(s.label) for s in Severity] == list(Severity)
    with pytest.raises(KeyError):
        Severity.parse("urgent")
