"""A past week asked again with newer advisories on disk: the same rows, in every ecosystem."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.advisories.made import document
from tests.clock import poisoned_clock
from tests.lab import Past, asking
from upkeep.advisories.index import SETTING
from upkeep.advisories.places import Advisories
from upkeep.advisories.rows import Vulnerability
from upkeep.answer import Answer, Status
from upkeep.checks.dependencies.security_patches import security_patches
from upkeep.checks.security.vulnerabilities import vulnerabilities
from upkeep.config.waivers import Waivers
from upkeep.duty import History
from upkeep.formats.package import Package, Reading
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.sources.folder_tree import FolderTree
from upkeep.sources.objects import ObjectStore, open_store
from upkeep.sources.postgres import Endpoint
from upkeep.sources.repository import Repository
from upkeep.targets.repository import CodeRepository
from upkeep.window import Window

END = datetime(2026, 6, 1, tzinfo=UTC)
WEEK = Window(END - timedelta(days=7), END)
NOWHERE = OneDatabase(Endpoint("127.0.0.1", 1, "x", None, "x"))
HIGH = [{"type": "CVSS_V3", "score": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"}]
# Of each ecosystem a name in it, the version that is locked, the one that mends, and a later one.
LOCKED = {
    "PyPI": ("it", "1.0.post1", "1.1", "2.0"),
    "npm": ("@scope/it", "1.0.0-rc.1", "1.0.0", "2.0.0"),
    "Go": ("example.com/it", "v1.0.0", "1.1.0", "2.0.0"),
    "crates.io": ("it", "1.0.0", "1.1.0", "2.0.0"),
    "RubyGems": ("it", "1.0.0.pre", "1.0.0", "2.0.0"),
    "Packagist": ("some/it", "v1.0.0", "1.1.0", "2.0.0"),
    "NuGet": ("It", "1.0.0", "1.1.0", "2.0.0"),
    "Maven": ("org.example:it", "1.0-alpha-1", "1.0", "2.0"),
    "Hex": ("it", "1.0.0", "1.1.0", "2.0.0"),
    "Pub": ("it", "1.0.0", "1.1.0", "2.0.0"),
    "Debian:12": ("it", "1:1.0-1", "1:1.0-1+deb12u1", "1:2.0-1"),
    "Ubuntu:22.04:LTS": ("it", "1.0-1ubuntu1", "1.0-1ubuntu1.1", "2.0-1"),
    "Alpine:v3.20": ("it", "1.0-r0", "1.0-r1", "2.0-r0"),
    "Rocky Linux:9": ("it", "0:1.0-1.el9", "0:1.0-1.el9_1", "0:2.0-1.el9"),
}


@dataclass(frozen=True)
class Locks(Repository):
    """A repository that locks these."""

    packages: tuple[Package, ...] = ()

    def readings(self) -> Iterator[tuple[str, Reading]]:
        """One file."""
        yield "lock", Reading(kind="lock", packages=self.packages)


def put(place: ObjectStore, name: str, *documents: dict[str, Any]) -> None:
    """A file of advisories."""
    for one in documents:
        place.put(f"{name}-{one['id']}.json", json.dumps(one).encode())


def told(duty: Any, folder: Path, place: ObjectStore, packages: Sequence[Package]) -> Answer:
    """The answer about the past week, without a clock."""
    files = Locks("shop", FolderTree(folder), packages=tuple(packages))
    given = {
        Repository: files,
        Advisories: Advisories(place.url, place),
        Waivers: Waivers(()),
        History: Past(),
    }
    with poisoned_clock():
        return ask(asking(duty, CodeRepository(name="shop", owner="ann", path=str(folder)), NOWHERE, window=WEEK), given)


def then(answer: Answer) -> list[Vulnerability]:
    """What was known at the window's end."""
    return [row for row in answer.records if isinstance(row, Vulnerability) and row.known_then]


@pytest.mark.parametrize("ecosystem", LOCKED)
def test_the_same_rows(ecosystem: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, str(tmp_path / "cache"))
    (tmp_path / "code").mkdir()
    name, locked, fixed, later = LOCKED[ecosystem]
    packages = [Package(ecosystem, name, locked), Package(ecosystem, f"{name}2", locked)]
    place = open_store((tmp_path / "place").as_uri())
    what: dict[str, Any] = {"ecosystem": ecosystem, "severity": HIGH}
    put(
        place, "first",
        document("A-1", name, "introduced=0", f"fixed={fixed}", summary="first", **what),
        document("A-2", name, "introduced=0", f"fixed={fixed}", **what),
        document("A-3", f"{name}2", "introduced=0", **what),
    )  # fmt: skip
    place.put("fetched.json", json.dumps({ecosystem.partition(":")[0]: (END - timedelta(hours=4)).isoformat()}).encode())
    before = [told(duty, tmp_path / "code", place, packages) for duty in (vulnerabilities, security_patches)]
    assert [row.fault for row in then(before[0])] == ["A-1", "A-2", "A-3"]
    assert before[0].status is Status.BREACH
    after_it = {"published": (END + timedelta(days=1)).isoformat(), "modified": (END + timedelta(days=1)).isoformat()}
    changed = {"modified": (END + timedelta(days=2)).isoformat()}
    put(
        place, "later",
        document("A-1", name, "introduced=0", f"fixed={later}", summary="changed", **changed, **what),
        document("A-2", name, "introduced=0", f"fixed={fixed}", **changed, withdrawn=changed["modified"], **what),
        document("A-3", f"{name}2", "introduced=0", f"fixed={fixed}", aliases=["CVE-3"], **changed, **what),
        document("A-4", name, "introduced=0", **after_it, **what),
        document("A-5", "another", "introduced=0", aliases=["A-1", "A-2"], **after_it, **what),
    )  # fmt: skip
    place.put("fetched.json", json.dumps({ecosystem.partition(":")[0]: (END + timedelta(days=3)).isoformat()}).encode())
    after = [told(duty, tmp_path / "code", place, packages) for duty in (vulnerabilities, security_patches)]
    assert then(after[0]) == then(before[0])
    for one, other in zip(before, after, strict=True):
        assert (one.summary, one.findings, one.metrics, one.state) == (other.summary, other.findings, other.metrics, other.state)
    hindsight = [row.fault for row in after[0].records if isinstance(row, Vulnerability) and not row.known_then]
    assert "A-4" in hindsight, "what is known now about then"
