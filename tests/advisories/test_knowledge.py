"""What is known, read from where it is kept: its age, its forms, and what is used by attackers."""

import gzip
import json
import zipfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from tests.advisories.made import document
from upkeep.advisories.exploited import read_catalogue, read_epss
from upkeep.advisories.index import knowledge_about
from upkeep.advisories.knowledge import Knowledge, read_knowledge
from upkeep.errors import BrokenError
from upkeep.formats.package import Package
from upkeep.sources.objects import open_store

AT = datetime(2026, 6, 1, tzinfo=UTC)
KEV = "cveID,dateAdded,dueDate,knownRansomwareCampaignUse\nCVE-1,2026-05-01,2026-05-22,Known\n"
PUBLIC = Path(__file__).resolve().parents[3] / "shared/data/kev/known_exploited_vulnerabilities.csv.gz"
SAFE = Package("PyPI", "it", "1")


def kept(folder: Path, **files: str) -> Knowledge:
    """Knowledge of a folder with these files; `__` in a name is a dot."""
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text)
    return read_knowledge(open_store(folder.as_uri()))


def one(**more: str) -> str:
    return json.dumps(document("A", "it", "introduced=0", "fixed=2", **more))


def test_dumps_and_documents_at_any_depth_are_read(tmp_path: Path) -> None:
    (tmp_path / "npm").mkdir()
    with zipfile.ZipFile(tmp_path / "npm/all.zip", "w") as archive:
        archive.writestr("B.json", json.dumps(document("B", "it", "introduced=0", ecosystem="npm")))
    found = kept(tmp_path, A__json=one())
    assert {a.id for a in found.advisories} == {"A", "B"}
    assert found.dated.keys() == {"PyPI", "npm"}
    assert found.exploited is None


def test_a_place_without_advisories_is_an_error_and_not_clean(tmp_path: Path) -> None:
    with pytest.raises(BrokenError, match="no advisories at"):
        read_knowledge(open_store(tmp_path.as_uri()))


@pytest.mark.parametrize(
    ("days", "expected", "unsure"), [(3, False, False), (4, True, False), (14, True, False), (15, False, True)]
)
def test_age_is_said_after_three_days_and_unknown_after_fourteen(tmp_path: Path, days: int, expected: bool, unsure: bool) -> None:  # noqa: FBT001
    found = kept(tmp_path, A__json=one(modified=(AT - timedelta(days=days)).isoformat()))
    assert bool(found.stale(["PyPI"], AT)) is expected
    assert bool(found.unsure(["PyPI"], AT)) is unsure


def test_an_ecosystem_without_advisories_is_unknown(tmp_path: Path) -> None:
    found = kept(tmp_path, A__json=one(modified=AT.isoformat()))
    assert found.unsure(["PyPI", "Go"], AT) == ["there are no advisories of Go"]
    assert found.unsure(["PyPI:anything"], AT) == []


def test_when_it_was_fetched_counts_where_it_is_known(tmp_path: Path) -> None:
    old = one(modified="2025-01-01T00:00:00Z")
    assert kept(tmp_path, A__json=old).unsure(["PyPI"], AT)
    assert not kept(tmp_path, A__json=old, fetched__json='{"PyPI": "2026-05-31T00:00:00+00:00"}').unsure(["PyPI"], AT)
    with pytest.raises(BrokenError, match=r"fetched\.json"):
        kept(tmp_path, A__json=old, fetched__json="[]")


def test_a_past_day_is_not_told_by_what_changed_since(tmp_path: Path) -> None:
    narrow = one(modified="2025-02-01T00:00:00Z")
    wide = json.dumps(document("A", "it", "introduced=0", "fixed=9", modified="2026-05-01T00:00:00Z"))
    found = kept(tmp_path, old__json=narrow, new__json=wide)
    package = Package("PyPI", "it", "3")
    assert not found.matcher(datetime(2026, 4, 30, tzinfo=UTC)).match(package).faults
    assert found.matcher(AT).match(package).faults
    assert not found.matcher(datetime(2025, 1, 10, tzinfo=UTC)).match(package).faults, "the oldest form that is kept"


def test_what_was_published_later_is_not_known_then(tmp_path: Path) -> None:
    found = kept(tmp_path, A__json=one(published="2026-03-01T00:00:00Z", withdrawn="2026-05-01T00:00:00Z"))
    messages = [bool(found.matcher(datetime(2026, month, 15, tzinfo=UTC)).match(SAFE).faults) for month in (2, 3, 4, 5)]
    assert messages == [False, True, True, False]


def test_the_catalogue_and_chances_are_read(tmp_path: Path) -> None:
    (tmp_path / "epss_scores-2026-05-31.csv.gz").write_bytes(
        gzip.compress(b"#model_version:v1,score_date:x\ncve,epss,percentile\nCVE-1,0.25,0.9\n")
    )
    found = kept(tmp_path, A__json=one(), known_exploited_vulnerabilities__csv=KEV)
    assert found.exploited
    entry = found.exploited["CVE-1"]
    assert (entry.added, entry.due, entry.in_ransomware) == (date(2026, 5, 1), date(2026, 5, 22), True)
    assert found.epss == {"CVE-1": 0.25}


@pytest.mark.parametrize(("day", "chance"), [("2026-06-04", 0.25), ("2026-06-05", None), ("2020-01-01", 0.25), (None, 0.25)])
def test_chances_of_long_after_say_nothing_about_a_past_day(tmp_path: Path, day: str | None, chance: float | None) -> None:
    head = f"#model_version:v2025.03.14,score_date:{day}T00:00:00+0000\n" if day else ""
    found = kept(tmp_path, A__json=one(), epss_scores__csv=f"{head}cve,epss,percentile\nCVE-1,0.25,0.9\n")
    assert found.chance(["CVE-1"], AT) == chance
    assert knowledge_about(open_store(tmp_path.as_uri()), [SAFE]).epss_day == found.epss_day


@pytest.mark.parametrize(
    "text", ["", "<html>", "cveID,dateAdded\nCVE-1,2026-05-01\n", KEV.replace("2026-05-22", "soon"), KEV + "CVE-2\n"]
)
def test_a_catalogue_that_cannot_be_read_is_an_error_and_not_empty(text: str) -> None:
    with pytest.raises(BrokenError, match="kev"):
        read_catalogue(text.encode(), "kev.csv")


@pytest.mark.parametrize(
    "text", ["", "cve,epss\nCVE-1,often\n", "cve,epss\nCVE-1,7\n", "cve,epss\nCVE-1\n", "cve,epss\nCVE-1,nan\n"]
)
def test_chances_that_cannot_be_read_are_an_error(text: str) -> None:
    with pytest.raises(BrokenError, match="epss"):
        read_epss(text.encode(), "epss.csv")


def test_the_public_catalogue_is_read_whole() -> None:
    if not PUBLIC.exists():
        pytest.skip("no public catalogue here")
    found = read_catalogue(gzip.decompress(PUBLIC.read_bytes()), PUBLIC.name)
    assert found["CVE-2025-48384"].due == date(2025, 9, 15)
    assert len(found) > 1000
