"""What each reader makes of its program's JSON, and that none takes another's."""

from typing import Any

import pytest

from upkeep.formats.web_reports.bundle_name import bundle_name
from upkeep.formats.web_reports.readers import web_report
from upkeep.formats.web_reports.report import Measured, WebReportError
from upkeep.units import Unit


def lighthouse(audits: dict[str, Any], **more: Any) -> dict[str, Any]:
    told = {"lighthouseVersion": "11.7.1", "fetchTime": "2026-05-14T12:00:00.000Z", "finalUrl": "https://shop.example"}
    return {**told, "audits": audits, **more}


def values(document: Any) -> dict[str, tuple[float, float | None]]:
    report = web_report(document)
    assert report is not None
    return {value.measure: (value.value, value.limit) for value in report.values}


def items(*rows: dict[str, Any]) -> dict[str, Any]:
    return {"details": {"items": list(rows)}}


def test_lighthouse_tells_times_sizes_and_what_blocks() -> None:
    audits = {
        "largest-contentful-paint": {"numericValue": 2512.3},
        "total-blocking-time": {"numericValue": 0},
        "cumulative-layout-shift": {"numericValue": 0.031},
        "render-blocking-insight": {"metricSavings": {"FCP": 150, "LCP": 450}},
        "resource-summary": items({"resourceType": "script", "transferSize": 123_456}),
    }
    document = lighthouse(audits, configSettings={"formFactor": "desktop"})
    assert values(document) == {
        "lcp": (2512.3, None),
        "tbt": (0, None),
        "cls": (0.031, None),
        "render_blocking": (450, None),
        "script": (123_456, None),
    }
    report = web_report(document)
    assert report is not None
    assert (report.subject, report.varies) == ("/ desktop", True)


def test_without_a_summary_sizes_are_summed_from_the_requests() -> None:
    requests = items({"resourceType": "Script", "transferSize": 100}, {"resourceType": "Image", "transferSize": 50})
    assert values(lighthouse({"network-requests": requests})) == {
        "script": (100, None),
        "total": (150, None),
        "image": (50, None),
    }


def test_budgets_of_lighthouse_itself_are_told_as_limits() -> None:
    size = {
        "resourceType": "script",
        "transferSize": 300,
        "requestCount": 5,
        "sizeOverBudget": 100,
        "countOverBudget": "2 Anfragen",
    }
    time = {"metric": "largest-contentful-paint", "measurement": {"type": "numeric", "value": 3000.0}, "overBudget": 500.0}
    audits = {"performance-budget": items(size), "timing-budget": items(time, {"metric": "interactive", "measurement": 1})}
    assert values(lighthouse(audits)) == {"script": (300, 200), "script requests": (5, 3), "lcp": (3000, 2500)}


def test_a_result_inside_of_another_answer_is_read_too() -> None:
    assert values({"id": "x", "lighthouseResult": lighthouse({"speed-index": {"numericValue": 7}})}) == {"speed_index": (7, None)}


@pytest.mark.parametrize(
    "odd", [None, 3, [], {"details": 3}, {"numericValue": "1"}, {"numericValue": -1}, {"numericValue": float("nan")}, items({})]
)
def test_odd_audits_tell_nothing(odd: Any) -> None:
    audits = {
        "largest-contentful-paint": odd,
        "performance-budget": odd,
        "timing-budget": odd,
        "speed-index": {"numericValue": 7},
    }
    assert values(lighthouse(audits)) == {"speed_index": (7, None)}


@pytest.mark.parametrize("time", [None, "yesterday", "2026-05-14T12:00:00", 5])
def test_lighthouse_without_a_time_is_refused(time: Any) -> None:
    with pytest.raises(WebReportError, match=r"when it was made|no zone"):
        web_report(lighthouse({"speed-index": {"numericValue": 7}}, fetchTime=time))


def test_size_limit_tells_sizes_with_their_limits() -> None:
    document = [
        {"name": "main.3f2a91bc.js", "passed": False, "size": 123, "sizeLimit": 100, "running": 0.2, "loading": 0.1},
        {"name": "free", "size": 5},
    ]
    report = web_report(document)
    assert report is not None
    assert report.made_at is None
    assert [(each.of, each.measure, each.limit) for each in report.values] == [
        ("main.*.js", "bundle", 100),
        ("main.*.js", "bundle_time", None),
        ("free", "bundle", None),
    ]
    assert report.values[1].value == pytest.approx(300)


def test_a_path_of_size_limit_that_leads_nowhere_is_no_small_bundle() -> None:
    found = {"name": "dist/main.js", "passed": False, "size": 3043, "sizeLimit": 1000}
    with pytest.raises(WebReportError, match="no file for one of its paths"):
        web_report([{"name": "", "passed": True, "size": 0}, found])
    report = web_report([found])
    assert report is not None
    assert [(each.value, each.limit) for each in report.values] == [(3043, 1000)]


def test_what_bundlewatch_found_no_file_for_is_said_by_its_name() -> None:
    missing = {"filePath": "dist/none.js", "error": "There is no matching file for dist/none.js", "status": "fail"}
    free = {"filePath": "dist/other.js", "status": "pass", "size": 36, "baseBranchSize": 0, "maxSize": None}
    with pytest.raises(WebReportError, match=r"dist/none\.js"):
        web_report({"status": "fail", "fullResults": [missing, free], "summary": "maxSize check failed"})
    report = web_report({"status": "pass", "fullResults": [free], "summary": "Everything is in check"})
    assert report is not None
    assert [(each.value, each.limit) for each in report.values] == [(36, None)]


def test_version_12_of_lighthouse_tells_what_blocks_twice_and_counts_it_once() -> None:
    blocking = {"scoreDisplayMode": "metricSavings", "numericUnit": "millisecond", "metricSavings": {"FCP": 300, "LCP": 300}}
    audits = {
        "render-blocking-resources": {**blocking, "numericValue": 297, **items({"url": "http://127.0.0.1/shop.css"})},
        "render-blocking-insight": blocking,
        "resource-summary": items(
            {"resourceType": "total", "label": "Total", "requestCount": 3, "transferSize": 870},
            {"resourceType": "image", "label": "Image", "requestCount": 0, "transferSize": 0},
        ),
    }
    assert values(lighthouse(audits)) == {"render_blocking": (300, None), "total": (870, None), "image": (0, None)}


def test_a_page_that_lighthouse_could_not_load_tells_nothing() -> None:
    failed = {"first-contentful-paint": {"score": None, "scoreDisplayMode": "error", "errorMessage": "Chrome prevented it"}}
    error = {"code": "CHROME_INTERSTITIAL_ERROR", "message": "Chrome prevented it"}
    with pytest.raises(WebReportError, match="CHROME_INTERSTITIAL_ERROR"):
        web_report(lighthouse(failed, runtimeError=error))


def test_a_bundle_that_size_limit_itself_refuses_is_over_whatever_its_size() -> None:
    report = web_report([{"name": "main", "passed": False, "size": 90, "sizeLimit": 100, "running": 2}])
    assert report is not None
    assert [(each.measure, each.refused) for each in report.values] == [("bundle", False), ("bundle_time", True)]


def test_bundlewatch_tells_sizes_without_what_was_removed() -> None:
    rows = [
        {"filePath": "dist/a.js", "size": 123, "maxSize": 100, "isRemoved": False, "isFail": True},
        {"filePath": "dist/b.js", "size": 0, "maxSize": 0, "isRemoved": True},
        {"filePath": "dist/c.js", "size": 5, "maxSize": None},
    ]
    report = web_report({"status": "fail", "fullResults": rows, "summary": ""})
    assert report is not None
    assert report.values == (
        Measured("dist/a.js", "bundle", 123, Unit.BYTES, 100),
        Measured("dist/c.js", "bundle", 5, Unit.BYTES, None),
    )


def test_a_file_that_bundlewatch_could_not_measure_is_told() -> None:
    with pytest.raises(WebReportError, match=r"could not measure dist/a\.js"):
        web_report({"fullResults": [{"filePath": "dist/a.js", "error": "no file"}, {"filePath": "b", "size": 1}]})


@pytest.mark.parametrize(
    "other", [None, 1, "x", [], {}, [1], [{"name": "a"}], [{"size": 1}], {"fullResults": []}, {"record": {}}]
)
def test_what_is_of_another_form_is_nobodys(other: Any) -> None:
    assert web_report(other) is None


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("main.3f2a91bc.js", "main.*.js"),
        ("dist/app-BX3k9_aZ1.css", "dist/app-*.css"),
        ("javascript.bundle.js", "javascript.bundle.js"),
        ("vendor.js", "vendor.js"),
        ("dist/*.js", "dist/*.js"),
    ],
)
def test_a_bundle_keeps_its_name_from_build_to_build(name: str, plain: str) -> None:
    assert bundle_name(name) == plain
