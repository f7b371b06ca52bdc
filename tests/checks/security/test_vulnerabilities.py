"""vulnerabilities: one finding for each fault, with one clock, as of the window's end."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.advisories.made import advisory
from tests.lab import Past, asking, rules
from tests.test_cli_scan import BAD, POETRY
from upkeep.advisories.advisory import Advisory
from upkeep.advisories.exploited import Exploited
from upkeep.advisories.knowledge import Knowledge
from upkeep.advisories.memory import Memory, Seen, state_of
from upkeep.advisories.places import Advisories
from upkeep.advisories.rows import Dependency, Vulnerability
from upkeep.answer import Answer, Severity, Status
from upkeep.checks.security.vulnerabilities import vulnerabilities
from upkeep.config.waivers import Waiver, Waivers, waived
from upkeep.duty import History
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.folder_tree import FolderTree
from upkeep.sources.postgres import Endpoint
from upkeep.sources.repository import Repository
from upkeep.targets.repository import CodeRepository
from upkeep.window import Window

LOW = "CVSS:3.1/AV:P/AC:H/PR:H/UI:R/S:U/C:L/I:N/A:N"
END = datetime(2026, 6, 1, tzinfo=UTC)
WEEK = Window(END - timedelta(days=7), END)
NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))


class Known(Advisories):
    """Advisories that are at hand."""

    def __init__(self, knowledge: Knowledge) -> None:
        super().__init__("here", None)
        object.__setattr__(self, "knowledge", knowledge)

    def about(self, located: object) -> Knowledge:  # noqa: ARG002 - everything is known
        """All of them."""
        return self.knowledge  # type: ignore[attr-defined, no-any-return]


class Shop:
    """A repository in a folder, asked week after week."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.lock("1.0")
        self.advisories: list[Advisory] = []
        self.more: dict[str, Any] = {"exploited": {}}
        self.waivers: Sequence[Waiver] = ()
        self.tags: Sequence[str] = ()
        self.days: dict[str, dict[str, float]] = {}
        self.past = Past()

    def lock(self, version: str, file: str = "poetry.lock") -> None:
        """Lock `it` in one version, in this file alone."""
        for old in self.folder.rglob("*.lock"):
            old.unlink()
        (self.folder / file).parent.mkdir(parents=True, exist_ok=True)
        (self.folder / file).write_text(POETRY.format(it=version))

    def ask(self, window: Window = WEEK, **thresholds: float) -> Answer:
        """One week's answer, which the next remembers."""
        own = {"vulnerabilities": thresholds}
        target = CodeRepository(name="shop", owner="ann", path=str(self.folder), thresholds=own, tags=tuple(self.tags))
        target = target.with_defaults({"vulnerability_days": self.days})
        dated = {"PyPI": window.end, **self.more.pop("dated", {})}
        given = {
            Repository: Repository("shop", FolderTree(self.folder)),
            Advisories: Known(Knowledge(tuple(self.advisories), dated, **self.more)),
            Waivers: Waivers(tuple(self.waivers)),
            History: self.past,
        }
        answer = ask(asking(vulnerabilities, target, NOWHERE, window=window), given)
        if answer.state is not None:
            self.past = Past(answer.state)
        return answer


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def week(number: int) -> Window:
    """That many weeks later."""
    return Window(WEEK.start + timedelta(weeks=number), WEEK.end + timedelta(weeks=number))


def rows(answer: Answer, kind: type = Vulnerability) -> list[Any]:
    return [record for record in answer.records if isinstance(record, kind)]


def bad(name: str = "GHSA-1", *pairs: str, **more: Any) -> Advisory:
    return advisory(name, "it", *(pairs or ("introduced=0", "fixed=1.2")), severity=BAD, **more)


@pytest.mark.baseline
def test_nothing_known_is_fine_and_everything_locked_is_stored(shop: Shop) -> None:
    shop.advisories = [advisory("A", "unused", "introduced=0")]
    answer = shop.ask()
    assert (answer.status, rules(answer)) == (Status.OK, [])
    assert [(row.file, row.package, row.version) for row in rows(answer, Dependency)] == [
        ("poetry.lock", "it", "1.0"), ("poetry.lock", "other", "1.0")]  # fmt: skip
    assert answer.summary == "0 known faults in 2 packages of 1 file; covered: PyPI"


@pytest.mark.near_miss
def test_the_mended_version_is_fine(shop: Shop) -> None:
    shop.advisories = [bad()]
    shop.lock("1.2")
    assert rules(shop.ask()) == []


@pytest.mark.near_miss
def test_what_is_published_after_the_window_is_fine_and_kept_as_hindsight(shop: Shop) -> None:
    shop.advisories = [bad(published=END.isoformat())]
    answer = shop.ask()
    assert answer.status is Status.OK
    assert [(row.fault, row.known_then, row.state, row.due_at) for row in rows(answer)] == [("GHSA-1", False, "hindsight", None)]


@pytest.mark.near_miss
def test_what_was_withdrawn_within_the_window_is_fine(shop: Shop) -> None:
    shop.advisories = [bad(withdrawn=(END - timedelta(days=1)).isoformat())]
    assert rules(shop.ask()) == []


@pytest.mark.fault
def test_a_known_fault_is_found_with_its_clock(shop: Shop) -> None:
    shop.advisories = [bad(aliases=["CVE-1"], summary="Anyone may read anything")]
    answer = shop.ask()
    (finding,) = answer.findings
    assert (finding.rule, finding.object, finding.severity) == ("vulnerability", "it (PyPI) CVE-1", Severity.CRITICAL)
    assert finding.title == "it 1.0 has CVE-1 (9.8): Anyone may read anything"
    assert finding.remedy == "go to it 1.2 or later"
    assert finding.due_by == END + timedelta(days=7)
    (row,) = rows(answer)
    assert (row.first_seen, row.due_at, row.state, row.known_then) == (END, END + timedelta(days=7), "open", True)
    assert answer.summary.startswith("1 known fault in 2 packages of 1 file")


@pytest.mark.fault
def test_the_days_can_be_set_for_a_target(shop: Shop) -> None:
    shop.advisories = [bad()]
    assert shop.ask(critical_days=2).findings[0].due_by == END + timedelta(days=2)


@pytest.mark.baseline
def test_a_tag_without_days_changes_nothing(shop: Shop) -> None:
    shop.advisories, shop.tags = [bad()], ["internal"]
    assert shop.ask().findings[0].due_by == END + timedelta(days=7)


@pytest.mark.near_miss
def test_days_of_another_severity_or_another_tag_change_nothing(shop: Shop) -> None:
    shop.advisories, shop.tags = [bad()], ["internal"]
    shop.days = {"internal": {"high": 1}, "internet-facing": {"critical": 3}}
    assert shop.ask().findings[0].due_by == END + timedelta(days=7)


@pytest.mark.fault
def test_the_days_of_its_tag_count_and_stay_one_clock(shop: Shop) -> None:
    shop.advisories, shop.tags = [bad()], ["internet-facing", "internal"]
    shop.days = {"internal": {"critical": 14}, "internet-facing": {"critical": 3}}
    first = shop.ask().findings[0]
    assert (first.due_by, first.details["due"]) == (END + timedelta(days=3), "critical: 3 days from 2026-06-01")
    (later,) = shop.ask(week(1)).findings
    assert (later.object, later.due_by) == (first.object, first.due_by)


@pytest.mark.fault
def test_a_new_tag_moves_what_is_open_and_the_catalogue_still_counts(shop: Shop) -> None:
    shop.advisories, shop.days = [bad("CVE-1")], {"internal": {"critical": 60}}
    assert shop.ask().findings[0].due_by == END + timedelta(days=7)
    shop.tags = ["internal"]
    assert shop.ask(week(1)).findings[0].due_by == END + timedelta(days=60)
    shop.more["exploited"] = {"CVE-1": Exploited("CVE-1", date(2026, 5, 1), date(2026, 6, 10), in_ransomware=False)}
    assert shop.ask(week(2)).findings[0].due_by == datetime(2026, 6, 10, 23, 59, 59, tzinfo=UTC)


@pytest.mark.fault
def test_the_catalogue_makes_it_due_earlier(shop: Shop) -> None:
    shop.advisories = [advisory("CVE-1", "it", "introduced=0")]
    shop.more["exploited"] = {"CVE-1": Exploited("CVE-1", date(2026, 5, 1), date(2026, 6, 10), in_ransomware=False)}
    (finding,) = shop.ask().findings
    assert finding.due_by == datetime(2026, 6, 10, 23, 59, 59, tzinfo=UTC)
    assert "known to be exploited" in finding.title
    assert "unrated" in finding.title


def test_first_seen_survives_a_moved_lockfile_and_a_new_name(shop: Shop) -> None:
    shop.advisories = [bad("PYSEC-1")]
    first = shop.ask().findings[0]
    shop.lock("1.1", "services/api/poetry.lock")
    shop.advisories = [bad("PYSEC-1", aliases=["CVE-1", "GHSA-1"])]
    later = shop.ask(week(1)).findings[0]
    assert later.object == first.object
    assert later.due_by == first.due_by
    assert later.title.startswith("it 1.1 has CVE-1")


def test_one_that_was_gone_begins_anew(shop: Shop) -> None:
    shop.advisories = [bad()]
    shop.ask()
    shop.lock("1.2")
    shop.ask(week(1))
    shop.lock("1.0")
    assert shop.ask(week(2)).findings[0].due_by == week(2).end + timedelta(days=7)


def test_an_unknown_week_forgets_nothing(shop: Shop) -> None:
    shop.advisories = [bad()]
    due = shop.ask().findings[0].due_by
    (shop.folder / "uv.lock").write_text("not = [one")
    assert shop.ask(week(1)).status is Status.UNKNOWN
    (shop.folder / "uv.lock").unlink()
    assert shop.ask(week(2)).findings[0].due_by == due


def waiver(name: str | None, start: int, end: int) -> Waiver:
    """From and to a week after the first."""
    days = [(END + timedelta(weeks=number)).date() for number in (start, end)]
    return Waiver(
        duty="vulnerabilities", object=name, reason="never called", issue="https://x.example/1", approver="ann",
        starts_on=days[0], expires_on=days[1],
    )  # fmt: skip


@pytest.mark.parametrize("name", ["CVE-1", "GHSA-1", "it (PyPI) GHSA-1", "it (PyPI) CVE-1", None])
def test_a_waiver_under_any_name_stops_the_clock_and_its_end_starts_it_again(shop: Shop, name: str | None) -> None:
    shop.advisories = [bad(aliases=["CVE-1"])]
    shop.waivers = [waiver(name, 0, 3)]
    held = shop.ask()
    (finding,) = held.findings
    assert (finding.due_by, rows(held)[0].state) == (None, "accepted")
    assert waived(finding, "vulnerabilities", "shop", shop.waivers, END.date())
    assert "1 accepted" in held.summary
    (after,) = shop.ask(week(4)).findings
    assert after.due_by == END + timedelta(weeks=3, days=7)


def test_a_waiver_of_another_fault_stops_nothing(shop: Shop) -> None:
    shop.advisories = [bad(aliases=["CVE-1"])]
    shop.waivers = [waiver("CVE-2", 0, 3), waiver("other (PyPI) CVE-1", 0, 3)]
    (finding,) = shop.ask().findings
    assert finding.due_by
    assert not waived(finding, "vulnerabilities", "shop", shop.waivers, END.date())


@pytest.mark.fault
def test_a_version_that_cannot_be_compared_is_a_finding(shop: Shop) -> None:
    shop.lock("2004d")
    shop.advisories = [bad()]
    (finding,) = shop.ask().findings
    assert (finding.rule, finding.object) == ("not_judged", "it (PyPI)")
    assert "2004d" in finding.title


def test_missing_or_old_advisories_are_unknown(shop: Shop) -> None:
    shop.advisories = [bad()]
    shop.more["dated"] = {"PyPI": END - timedelta(days=15)}
    answer = shop.ask()
    assert answer.status is Status.UNKNOWN
    assert "15 days old" in answer.summary
    assert "1 fault found so far, the worst critical" in answer.summary


def test_no_lockfile_is_unknown(shop: Shop) -> None:
    (shop.folder / "poetry.lock").unlink()
    assert shop.ask().status is Status.UNKNOWN


def test_a_past_week_asked_again_with_newer_advisories_gives_the_same(shop: Shop) -> None:
    shop.advisories = [bad()]
    before, past = shop.ask(), shop.past
    shop.past = Past()
    shop.advisories += [
        bad("GHSA-2", published="2026-07-01T00:00:00Z"),
        replace(bad(), modified=END + timedelta(days=9), affected=()),
    ]
    after = shop.ask()
    assert (after.findings, after.summary, after.state) == (before.findings, before.summary, before.state)
    assert [row for row in rows(after) if row.known_then] == rows(before)
    assert past.remembered == shop.past.remembered


def test_where_one_fault_becomes_two_only_one_keeps_the_name(shop: Shop) -> None:
    shop.advisories = [bad("A", aliases=["X"]), bad("B", aliases=["X"])]
    assert len(shop.ask().findings) == 1
    shop.advisories = [bad("A"), bad("B")]
    answer = shop.ask(week(1))
    assert len({finding.object for finding in answer.findings}) == 2
    assert {row.first_seen for row in rows(answer)} == {END}


def test_what_is_remembered_is_read_back() -> None:
    seen = Seen("it (PyPI)", "CVE-1", frozenset({"CVE-1", "GHSA-1"}), END)
    assert state_of([seen]) == {"faults": [{"subject": "it (PyPI)", "title": "CVE-1", "names": ["CVE-1", "GHSA-1"],
                                            "first_seen": "2026-06-01T00:00:00+00:00"}]}  # fmt: skip
    assert Memory(None) is not None
