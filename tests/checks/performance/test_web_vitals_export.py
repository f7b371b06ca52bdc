"""web_vitals: days that a program exported, and percentiles that others published."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.checks.performance.web_report_lab import MONDAY, THURSDAY, left, of_export
from tests.lab import rules
from upkeep.answer import Severity, Status
from upkeep.checks.performance.vital_row import WebVital


def day(number: int, value: float, n: int = 300, vital: str = "lcp") -> dict[str, Any]:
    return {"day": f"2026-05-{number}", "vitals": [{"device": "mobile", "vital": vital, "value": value, "n": n}]}


def crux(p75: object, last: int = 14, form: str | None = "PHONE", name: str = "largest_contentful_paint") -> dict[str, Any]:
    key = {"origin": "https://shop.example", **({"formFactor": form} if form else {})}
    told = {
        "histogram": [{"start": 0, "end": 2500, "density": 0.7}, {"start": 2500, "density": 0.3}],
        "percentiles": {"p75": p75},
    }
    period = {"firstDate": {"year": 2026, "month": 4, "day": 17}, "lastDate": {"year": 2026, "month": 5, "day": last}}
    return {"record": {"key": key, "metrics": {name: told}, "collectionPeriod": period}}


@pytest.mark.baseline
def test_the_days_of_the_window_are_one_sample(tmp_path: Path) -> None:
    for number in range(10, 19):
        left(tmp_path, f"{number}.json", day(number, 9000 if number in {10, 18} else 2000 + number))
    answer = of_export(tmp_path)
    assert (answer.status, rules(answer)) == (Status.OK, [])
    row = answer.records[0]
    assert isinstance(row, WebVital)
    assert (row.samples, row.good, row.p75) == (2100, 2100, 2016)


@pytest.mark.near_miss
def test_good_at_its_limit_is_fine(tmp_path: Path) -> None:
    for number in range(11, 18):
        left(tmp_path, f"{number}.json", day(number, 2500))
    left(tmp_path, "crux.json", crux(2500))
    assert rules(of_export(tmp_path)) == []


@pytest.mark.fault
def test_slow_days_are_found(tmp_path: Path) -> None:
    left(tmp_path, "14.json", day(14, 4200))
    answer = of_export(tmp_path)
    assert rules(answer) == [("vital_poor", "lcp mobile")]
    assert "6 of 7 days were not exported" in answer.summary


@pytest.mark.fault
def test_a_published_percentile_is_judged_as_it_is_and_by_a_name_of_its_own(tmp_path: Path) -> None:
    left(tmp_path, "phone.json", crux(4200))
    left(tmp_path, "cls.json", crux("0.12", form="DESKTOP", name="cumulative_layout_shift"))
    left(tmp_path, "14.json", day(14, 4200))
    answer = of_export(tmp_path)
    assert [(found.object, found.severity) for found in answer.findings] == [
        ("lcp mobile", Severity.MEDIUM),
        ("lcp mobile published", Severity.MEDIUM),
        ("cls desktop published", Severity.LOW),
    ]
    assert answer.findings[1].title.endswith("(limit 4,000 ms), 70 % were good, as the Chrome UX Report has it")
    assert {metric.name for metric in answer.metrics if metric.n is None} == {"web_vital_published"}
    assert len(answer.records) == 1, "what nobody counted is no row of page views"


def test_the_newest_record_of_a_device_counts(tmp_path: Path) -> None:
    left(tmp_path, "a.json", crux(9000, last=11))
    left(tmp_path, "b.json", crux(2000, last=17))
    left(tmp_path, "c.json", crux(9000, last=18))
    assert rules(of_export(tmp_path)) == []


def test_a_record_that_ends_before_the_window_is_unknown_with_its_day(tmp_path: Path) -> None:
    left(tmp_path, "a.json", crux(9000, last=10), MONDAY - timedelta(days=1))
    answer = of_export(tmp_path)
    assert answer.status is Status.UNKNOWN
    assert answer.summary == "what is published of the origin on mobile ends on 2026-05-10, before the window"


def test_days_before_the_window_leave_it_unknown(tmp_path: Path) -> None:
    left(tmp_path, "8.json", day(10, 9000), MONDAY - timedelta(days=1))
    answer = of_export(tmp_path)
    assert (answer.status, answer.summary) == (Status.UNKNOWN, "the last exported day is 2026-05-10")


def test_a_day_that_came_twice_counts_once(tmp_path: Path) -> None:
    left(tmp_path, "a.json", day(14, 9000), THURSDAY)
    left(tmp_path, "b.json", day(14, 2000), THURSDAY + timedelta(hours=1))
    answer = of_export(tmp_path)
    assert rules(answer) == []
    assert "of several files of 2026-05-14 the last counts" in answer.summary


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ('{"day": "2026-05-14", "vitals": [', "x.json was cut off in line 1"),
        ({"day": "14.5.2026", "vitals": []}, "x.json: day is no day such as 2026-11-20"),
        ({"vitals": []}, "x.json: day is no day"),
        (day(14, -1), "x.json: entry 1 of vitals is no device"),
        (day(14, 1, n=0), "x.json: entry 1 of vitals"),
        (day(14, 1, vital="fid"), "x.json: entry 1 of vitals"),
        ({"day": "2026-05-14", "vitals": [3]}, "x.json: entry 1 of vitals"),
        (crux(1000, form=None), "x.json: it is of all devices together"),
        (crux("x"), "x.json: it tells no LCP, INP or CLS"),
        (crux(1000, last=99), "x.json: it does not say until which day"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_by_name(tmp_path: Path, document: Any, why: str) -> None:
    left(tmp_path, "x.json", document)
    left(tmp_path, "15.json", day(15, 2000))
    answer = of_export(tmp_path)
    assert answer.status is Status.UNKNOWN
    assert why in answer.summary
    assert len(answer.records) == 1
