"""Whatever a report holds, its messages fit Slack and say only what we say."""

import re
from typing import Any

import pytest

from tests.notify.hostile import FAILED, report
from tests.notify.slack_double import objections
from upkeep.notify.backfill import backfill, part
from upkeep.notify.blocks import repeated, with_counted
from upkeep.notify.failure import Failure, Wrong, failure, settled
from upkeep.notify.links import Links
from upkeep.notify.summary import progress, summary
from upkeep.notify.text import given_link, link, mention, plain, safe, size

LINKS = Links("https://airflow.test/", "daily", "scheduled__2026-11-22T00:00:00+00:00" + "x" * 150)
ALLOWED = re.compile(r"<(https://(airflow|wiki)\.test/[^<>|\s]*\|[^<>]*|@U012AB3CD|!subteam\^S012AB3CD)>")


def texts(part: Any) -> list[str]:
    """Every mrkdwn text."""
    if isinstance(part, list):
        return [t for p in part for t in texts(p)]
    if not isinstance(part, dict):
        return []
    own = [part["text"]] if part.get("type") == "mrkdwn" else []
    return own + [t for p in part.values() for t in texts(p)]


def check(body: dict[str, Any]) -> None:
    """It fits, even with what delivery adds, and has no markup but ours."""
    sent = repeated(with_counted(body, 3))
    assert objections(sent) == ""
    for text in [*texts(sent["blocks"]), sent["text"]]:
        rest = ALLOWED.sub("", text)
        assert "<" not in rest
        assert ">" not in rest
        assert not re.search(r"&(?!(amp|lt|gt);)", ALLOWED.sub("", text)), text
        assert not re.search(r"[\x00-\x09\x0b-\x1f\ud800-\udfff\u202e]", text)
        text.encode("utf-8")


@pytest.mark.fault
@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("findings", [0, 1, 7, 60, 400])
def test_hostile_reports(seed: int, findings: int) -> None:
    made = report(seed, findings, FAILED if seed % 2 else None)
    check(summary(made, LINKS))
    check(progress(made, LINKS))


@pytest.mark.fault
def test_five_thousand_findings() -> None:
    made = report(1, 5_000, FAILED)
    body = summary(made, LINKS)
    check(body)
    shown = sum("found 2026" in t for t in texts(body["blocks"]))
    assert shown >= 8
    assert f"and {len(made.open) - shown:,} more: <{LINKS.run_tab()}|all of them>" in str(body)


@pytest.mark.fault
@pytest.mark.parametrize("windows", [1, 7, 90, 1_000])
def test_long_backfills(windows: int) -> None:
    parts = {f"{n:05}": part(report(n % 5, 9), LINKS, done=n % 3 > 0) for n in range(windows)}
    body = backfill("daily", parts, LINKS)
    assert len(body.pop("parts")) == windows
    check(body)


@pytest.mark.fault
@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("found", [0, 3, 500])
def test_hostile_failures(seed: int, found: int) -> None:
    made = report(seed, max(found, 1))
    told = Failure(
        duty=made.findings[0].duty,
        target=made.findings[0].target,
        window=str(made.window),
        summary=made.answers[0].summary * 20,
        remedy=made.answers[0].remedy * 20,
        found=tuple(Wrong(f.severity, f.title, f.remedy) for f in made.findings[:found]),
        owner_slack="U012AB3CD",
        runbook=made.findings[0].runbook,
        log=LINKS.task("database.sequences", 3),
        asked_at=made.window.end,
    )
    check(failure(told))
    check(settled(told))
    assert "<@U012AB3CD>" in str(failure(told))
    assert "<@U012AB3CD>" not in str(settled(told))


@pytest.mark.near_miss
def test_text_at_the_limit_is_whole_and_one_over_is_cut() -> None:
    assert safe("a" * 10, 10) == "a" * 10
    assert safe("a" * 11, 10) == "a" * 9 + "…"
    assert safe("&" * 2, 10) == "&amp;&amp;"
    assert safe("&" * 3, 10) == "&amp;…"
    assert safe("😀" * 5, 10) == "😀" * 5
    assert plain("😀" * 6, 10) == "😀" * 4 + "…"
    assert all(size(safe("a&😀<" * 50, n)) <= n for n in range(1, 80))


@pytest.mark.fault
def test_text_is_one_harmless_line() -> None:
    assert safe("a\nb\x00c `drop` <!channel> & co", 100) == "a b c 'drop' &lt;!channel&gt; &amp; co"


@pytest.mark.fault
def test_mentions_and_links() -> None:
    assert mention("U012AB3CD") == "<@U012AB3CD>"
    assert mention("S012AB3CD") == "<!subteam^S012AB3CD>"
    assert mention("!channel") == mention("") == ""
    assert given_link("https://wiki.test/a?b&c", "runbook") == "<https://wiki.test/a?b&amp;c|runbook>"
    assert given_link("https://wiki.test/>", "runbook") == "runbook"
    assert link("https://x.test", "a|b>") == "<https://x.test|a¦b&gt;>"


def test_addresses_are_those_of_airflow() -> None:
    links = Links("http://h:8080/", "daily", "manual__2026-11-22T00:00:00+00:00")
    run = "http://h:8080/dags/daily/runs/manual__2026-11-22T00%3A00%3A00%2B00%3A00"
    assert links.task("database.sequences") == f"{run}/tasks/database.sequences"
    assert links.task("database.sequences", 0) == f"{run}/tasks/database.sequences/mapped/0"
    assert links.run_tab() == f"{run}/plugin/upkeep_run"
    assert links.page() == "http://h:8080/plugin/upkeep"
