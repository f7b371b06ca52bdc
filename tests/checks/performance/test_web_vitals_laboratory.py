"""web_vitals: what CI measured is held to budgets alone, and told apart from what browsers measured."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.access_logs import NOWHERE
from tests.checks.performance.web_report_lab import (
    MONDAY,
    THURSDAY,
    WEEK,
    asked,
    left,
    lighthouse,
    of_laboratory,
    service,
    size_limit,
)
from tests.lab import rules
from upkeep.answer import Severity, Status
from upkeep.signals import left_reports
from upkeep.targets.diagnosis import Level

LCP = {"budgets": {"lcp": 2500}}
HOUR = timedelta(hours=1)


def metrics(answer: Any) -> dict[str, float]:
    return {f"{m.labels['of']}: {m.labels['measure']}": m.value for m in answer.metrics if m.name == "laboratory"}


@pytest.mark.baseline
def test_pages_and_bundles_within_their_budgets_are_fine(tmp_path: Path) -> None:
    left(tmp_path, "17/lhr.json", lighthouse(largest_contentful_paint=2000.4, cumulative_layout_shift=0.02))
    left(tmp_path, "17/bundles.json", size_limit(90_000))
    answer = of_laboratory(tmp_path, **LCP)
    assert (answer.status, rules(answer)) == (Status.OK, [])
    assert answer.summary == (
        "laboratory: 3 numbers of 2 reports, 0 of 2 budgets exceeded, lcp /checkout mobile 2,000 ms, bundle main 87.9 KiB"
    )
    assert metrics(answer) == {"main: bundle": 90_000, "/checkout mobile: lcp": 2000.4, "/checkout mobile: cls": 0.02}
    assert {metric.name for metric in answer.metrics} == {"laboratory"}, "no number of the laboratory is one of browsers"
    assert answer.records == ()


@pytest.mark.near_miss
def test_exactly_the_budget_is_fine(tmp_path: Path) -> None:
    left(tmp_path, "bundles.json", size_limit(100_000))
    left(tmp_path, "lhr.json", lighthouse(largest_contentful_paint=2500))
    assert rules(of_laboratory(tmp_path, **LCP)) == []


@pytest.mark.near_miss
def test_without_a_budget_a_slow_page_of_the_laboratory_is_no_news(tmp_path: Path) -> None:
    left(tmp_path, "lhr.json", lighthouse(largest_contentful_paint=9000))
    answer = of_laboratory(tmp_path)
    assert (answer.status, rules(answer)) == (Status.OK, [])


@pytest.mark.fault
def test_budgets_that_are_exceeded_are_found(tmp_path: Path) -> None:
    left(tmp_path, "bundles.json", size_limit(100_001))
    left(tmp_path, "lhr.json", lighthouse(largest_contentful_paint=3200))
    answer = of_laboratory(tmp_path, **LCP)
    assert [(found.object, found.severity) for found in answer.findings] == [
        ("/checkout mobile: lcp", Severity.MEDIUM),
        ("main: bundle", Severity.LOW),
    ]
    assert answer.findings[0].title == "lcp of /checkout mobile is 3,200 ms in the laboratory (budget 2,500 ms)"


@pytest.mark.fault
def test_render_blocking_has_a_budget_too(tmp_path: Path) -> None:
    left(tmp_path, "lhr.json", lighthouse(render_blocking_resources=900))
    assert rules(of_laboratory(tmp_path, budgets={"render_blocking": 500})) == [
        ("budget_exceeded", "/checkout mobile: render_blocking")
    ]


@pytest.mark.fault
def test_what_its_own_program_refuses_is_found_without_a_limit(tmp_path: Path) -> None:
    left(tmp_path, "bundles.json", [{"name": "main", "passed": False, "size": 90, "loading": 3}])
    found = of_laboratory(tmp_path).findings[0]
    assert (found.object, found.severity, found.limit) == ("main: bundle_time", Severity.LOW, None)
    assert found.title == "bundle_time of main is 3,000 ms in the laboratory (over the budget of its program)"


def test_the_newest_build_counts(tmp_path: Path) -> None:
    for hour, size in ((0, 150_000), (1, 90_000)):
        left(tmp_path, f"{hour}.json", size_limit(size), MONDAY + hour * HOUR)
    assert rules(of_laboratory(tmp_path)) == []


def test_of_several_runs_the_median_counts_and_of_earlier_ones_none(tmp_path: Path) -> None:
    left(tmp_path, "old.json", lighthouse(THURSDAY - 5 * HOUR, largest_contentful_paint=9000))
    for minute, value in enumerate((2400, 2600, 2450)):
        left(tmp_path, f"{minute}.json", lighthouse(THURSDAY + timedelta(minutes=minute), largest_contentful_paint=value))
    answer = of_laboratory(tmp_path, **LCP)
    assert (rules(answer), metrics(answer)) == ([], {"/checkout mobile: lcp": 2450})


def test_more_files_than_are_read_are_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_reports, "MOST_FILES", 2)
    for number in range(4):
        left(tmp_path, f"{number}.json", size_limit(1), MONDAY + number * HOUR)
    answer = of_laboratory(tmp_path)
    assert answer.status is Status.UNKNOWN
    assert "2 files more than the 2 that are read" in answer.summary


def test_of_files_before_the_window_the_last_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(left_reports, "MOST_OLDER", 1)
    left(tmp_path, "gone.json", lighthouse(MONDAY - 50 * HOUR, "/gone", speed_index=1), MONDAY - 50 * HOUR)
    left(tmp_path, "late.json", lighthouse(MONDAY - HOUR, "/late", speed_index=1), MONDAY - HOUR)
    left(tmp_path, "new.json", size_limit(1))
    assert "/late mobile: last measured" in of_laboratory(tmp_path).summary
    assert "/gone" not in of_laboratory(tmp_path).summary


def test_devices_are_apart(tmp_path: Path) -> None:
    left(tmp_path, "a.json", lighthouse(device="mobile", largest_contentful_paint=2600))
    left(tmp_path, "b.json", lighthouse(device="desktop", largest_contentful_paint=1000))
    assert rules(of_laboratory(tmp_path, **LCP)) == [("budget_exceeded", "/checkout mobile: lcp")]


def test_a_report_of_before_the_window_is_unknown_with_its_day(tmp_path: Path) -> None:
    left(tmp_path, "a.json", lighthouse(MONDAY - HOUR, largest_contentful_paint=9000), MONDAY - HOUR)
    left(tmp_path, "b.json", size_limit(150_000), MONDAY - timedelta(days=3))
    answer = of_laboratory(tmp_path)
    assert (answer.status, answer.metrics) == (Status.UNKNOWN, ())
    assert "/checkout mobile: last measured on 2026-05-10, before the window" in answer.summary
    assert "bundles of size-limit: last measured on 2026-05-08, before the window" in answer.summary
    assert answer.evidence["remedy"].startswith("have CI measure again")


def test_a_report_of_the_window_s_end_is_of_the_next(tmp_path: Path) -> None:
    left(tmp_path, "a.json", lighthouse(WEEK.end, largest_contentful_paint=9000), WEEK.end)
    answer = of_laboratory(tmp_path, **LCP)
    assert answer.status is Status.UNKNOWN
    assert "/checkout mobile: first measured after the window" in answer.summary


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ('{"lighthouseVersion": "12", "audits": {"lar', "lhr.json was cut off in line 1"),
        ('[{"name": "main", "size": 1}', "lhr.json was cut off in line 1"),
        ("", "lhr.json is empty"),
        ("<html>", "lhr.json is no JSON: Expecting value in line 1"),
        ("[" * 100_000, "lhr.json is nested too deep, or has a number that nobody can mean"),
        ('{"lighthouseVersion": "12"}', "lhr.json: Lighthouse measured nothing of the page"),
        (
            '{"lighthouseVersion": "12", "runtimeError": {"code": "NO_FCP"}}',
            "lhr.json: Lighthouse could not load the page: NO_FCP",
        ),
        ('{"error": "Error: webpack"}', "lhr.json: the program that measures bundles failed, and wrote its error"),
    ],
)
def test_a_file_that_cannot_be_read_is_told_by_name(tmp_path: Path, text: str, why: str) -> None:
    left(tmp_path, "lhr.json", text)
    left(tmp_path, "b.json", size_limit(1))
    answer = of_laboratory(tmp_path)
    assert answer.status is Status.UNKNOWN, "what it would have said may be worse"
    assert why in answer.summary
    assert metrics(answer) == {"main: bundle": 1}


def test_one_that_was_cut_off_before_the_window_is_no_matter(tmp_path: Path) -> None:
    left(tmp_path, "old.json", "{", MONDAY - HOUR)
    left(tmp_path, "b.json", size_limit(1))
    assert of_laboratory(tmp_path).status is Status.OK


def test_a_finding_is_told_beside_what_is_unknown(tmp_path: Path) -> None:
    left(tmp_path, "cut.json", "{")
    left(tmp_path, "b.json", size_limit(100_001))
    answer = of_laboratory(tmp_path)
    assert (answer.status, rules(answer)) == (Status.BREACH, [("budget_exceeded", "main: bundle")])
    assert "cut.json was cut off" in answer.summary


def test_files_of_another_form_are_counted(tmp_path: Path) -> None:
    left(tmp_path, "manifest.json", [{"url": "https://shop.example/", "isRepresentativeRun": True}])
    left(tmp_path, "b.json", size_limit(1))
    answer = of_laboratory(tmp_path)
    assert (answer.status, answer.summary.count("1 file of another form left out")) == (Status.OK, 1)


def test_nothing_but_other_files_is_unknown(tmp_path: Path) -> None:
    left(tmp_path, "package.json", {"name": "shop", "version": "1"})
    answer = of_laboratory(tmp_path)
    assert answer.status is Status.UNKNOWN
    assert "no report of Lighthouse, size-limit or bundlewatch" in answer.summary


def test_a_budget_of_what_nobody_measured_is_unknown(tmp_path: Path) -> None:
    left(tmp_path, "b.json", lighthouse(largest_contentful_paint=1))
    answer = of_laboratory(tmp_path, budgets={"lpc": 2500})
    assert answer.status is Status.UNKNOWN
    assert "no report tells lpc, which has a budget" in answer.summary


def test_a_folder_without_files_is_unknown(tmp_path: Path) -> None:
    answer = of_laboratory(tmp_path)
    assert (answer.status, answer.summary) == (Status.UNKNOWN, f"there is no file *.json at {tmp_path.as_uri()}")


def test_beside_browsers_each_is_told_and_an_empty_folder_of_one_leaves_the_other(tmp_path: Path) -> None:
    left(tmp_path / "ci", "b.json", size_limit(100_001))
    (tmp_path / "field").mkdir()
    vitals = {"kind": "export", "place": (tmp_path / "field").as_uri()}
    answer = asked(vitals=vitals, laboratory={"place": (tmp_path / "ci").as_uri()})
    assert rules(answer) == [("budget_exceeded", "main: bundle")]
    assert "there is no file *.json" in answer.summary
    assert "have CI leave" in answer.evidence["remedy"]


def test_doctor_counts_the_files(tmp_path: Path) -> None:
    left(tmp_path, "b.json", size_limit(1))
    place = {"place": tmp_path.as_uri()}
    found = service(laboratory=place, vitals={"kind": "export", **place}).examine(NOWHERE, ())
    told = {each.about: (each.level, each.text) for each in found}
    assert told["laboratory"] == told["vitals"]
    assert told["laboratory"][0] is Level.OK
    assert told["laboratory"][1].startswith("1 file *.json at ")
