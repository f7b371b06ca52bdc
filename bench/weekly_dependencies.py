"""
A weekly run over many repositories with a dump as large as npm's: time and memory of its two checks.

Generated are a dump (default 230,000 advisories; most are about one malicious package each, as npm's are, the others about
packages that are in use) and lockfiles of npm (default 200, of some 600 packages each). Measured are, each in a process of its
own: the index being made, what a day's changes add to it, both checks of all repositories, both of one, and the same one with
everything read, as without an index.

    python -m bench.weekly_dependencies [REPOSITORIES] [ADVISORIES]
"""

import json
import multiprocessing
import os
import random
import resource
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from upkeep.advisories.index import SETTING, knowledge_about
from upkeep.advisories.knowledge import Knowledge, read_knowledge
from upkeep.advisories.repository import Contents, contents
from upkeep.advisories.scan import scan
from upkeep.sources.objects import open_store
from upkeep.sources.repository import folder_repository

AT = datetime(2026, 6, 1, tzinfo=UTC)
USED, LOCKED, SHARE = 4000, 600, 0.03
VECTOR = "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:N/A:N"
WORDS = "This package was found to hold code that sends what it finds on the machine to a server of its author. " * 6


def main(repositories: int = 200, advisories: int = 230_000) -> None:
    """Generate, measure, print."""
    with tempfile.TemporaryDirectory(prefix="upkeep-bench-") as name:
        folder = Path(name)
        os.environ[SETTING] = str(folder / "cache")
        _write_dump(folder / "place/npm/all.zip", advisories)
        folders = [_write_lock(folder / f"code/{number}", number) for number in range(repositories)]
        dump = (folder / "place/npm/all.zip").stat().st_size / 10**6
        print(f"{advisories:,} advisories ({dump:.0f} MB), {repositories} repositories of {LOCKED} packages")
        _measured("index made", _ask, folder, folders[:1])
        index = next((folder / "cache").glob("*.sqlite"))
        print(f"  it has {index.stat().st_size / 10**6:.0f} MB")
        _write_dump(folder / "place/npm/later.zip", min(300, advisories), start=advisories)
        _measured("a day's changes added", _ask, folder, folders[:1])
        _measured("both checks of one repository", _ask, folder, folders[:1])
        _measured(f"both checks of {repositories} repositories", _ask, folder, folders)
        _measured("both of one, everything read", _ask_all, folder, folders[:1])


def _measured(what: str, work: Callable[..., None], *given: Any) -> None:
    """In a process of its own, as a task is."""
    results = multiprocessing.get_context("spawn").Queue()
    process = multiprocessing.get_context("spawn").Process(target=_process, args=(results, work, given))
    process.start()
    seconds, megabytes = results.get()
    process.join()
    print(f"{what}: {seconds:.2f} s, {megabytes:.0f} MB at most")


def _process(results: Any, work: Callable[..., None], given: tuple[Any, ...]) -> None:
    start = time.perf_counter()
    work(*given)
    results.put((time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024))


def _ask(folder: Path, code: list[Path]) -> None:
    place = open_store((folder / "place").as_uri())
    _both(code, lambda held: knowledge_about(place, (one.package for one in held.located)))


def _ask_all(folder: Path, code: list[Path]) -> None:
    place = open_store((folder / "place").as_uri())
    _both(code, lambda _: read_knowledge(place))


def _both(code: list[Path], known: Callable[[Contents], Knowledge]) -> None:
    """What `vulnerabilities` does (known then and known now), and what `security_patches` does."""
    for folder in code:
        for moments in ((AT, datetime.max.replace(tzinfo=UTC)), (AT,)):
            held = contents(folder_repository(folder.name, folder))
            knowledge = known(held)
            found = [scan(held, knowledge, at).found for at in moments]
            if not found[0]:
                raise SystemExit(f"nothing was found in {folder}: the bench is wrong")


def _write_dump(path: Path, count: int, start: int = 0) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, document in enumerate(_documents(count, start), start):
            archive.writestr(f"{document['id']}-{number}.json", json.dumps(document))


def _documents(count: int, start: int) -> Iterator[dict[str, Any]]:
    pick = random.Random(start)  # noqa: S311 - the same every time
    for number in range(start, start + count):
        used = pick.random() < SHARE
        name = f"package-{pick.randrange(USED)}" if used else f"evil-{number}"
        events = [{"introduced": "0"}, *([{"fixed": f"{pick.randrange(1, 6)}.0.0"}] if used else [])]
        yield {
            "id": f"GHSA-{number}" if used else f"MAL-2026-{number}",
            "aliases": [f"CVE-2026-{number}"] if used else [],
            "summary": f"Something is wrong with {name}",
            "details": WORDS,
            "published": "2025-01-01T00:00:00Z",
            "modified": f"2026-0{1 + number % 5}-01T00:00:00Z",
            "severity": [{"type": "CVSS_V3", "score": VECTOR}] if used else [],
            "references": [{"type": "WEB", "url": f"https://example.com/{number}/{n}"} for n in range(4)],
            "affected": [{"package": {"ecosystem": "npm", "name": name}, "ranges": [{"type": "SEMVER", "events": events}]}],
        }


def _write_lock(folder: Path, number: int) -> Path:
    folder.mkdir(parents=True)
    pick = random.Random(number)  # noqa: S311 - the same every time
    names = pick.sample(range(USED), LOCKED)
    packages: dict[str, Any] = {f"node_modules/package-{n}": {"version": f"{pick.randrange(1, 6)}.1.0"} for n in names}
    root = {"name": "it", "dependencies": {f"package-{n}": "*" for n in names}}
    lock = {"name": "it", "lockfileVersion": 3, "packages": {"": root, **packages}}
    (folder / "package-lock.json").write_text(json.dumps(lock))
    return folder


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
