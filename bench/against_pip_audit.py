"""
Repositories scanned, against pip-audit with the same advisories: seconds of each, and of processors without those of the server.

Generated are requirements files of pins that the shared dump names (default 20 repositories of 60 packages each). A round times
`upkeep scan` of every repository, one process each, on a folder with the whole dump; one `upkeep scan` of a folder with all of
them; and pip-audit of every one, one process each, on a local OSV server that has only the advisories about its packages. All
must find the same. The first round also makes the index of the dump. Says that it was skipped when there is no dump.

    python -m bench.against_pip_audit [REPOSITORIES] [PACKAGES] [ROUNDS]
"""

import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.advisories import DUMP
from tests.osv_server import osv
from tests.pip_audit import audited, picked
from upkeep.advisories.index import SETTING

Found = dict[str, set[str]]


def main(repositories: int = 20, packages: int = 60, rounds: int = 3) -> None:
    """Generate, time, compare, print."""
    if not DUMP.exists():
        print(f"skipped: no dump at {DUMP}")
        return
    with tempfile.TemporaryDirectory(prefix="upkeep-bench-") as name, zipfile.ZipFile(DUMP) as archive:
        every = [json.loads(archive.read(each)) for each in archive.namelist()]
        place, code = _place(Path(name)), Path(name, "code")
        folders = [_written(code / f"shop-{number}", picked(every, packages, number)) for number in range(repositories)]
        about = [_about(every, folder) for folder in folders]
        print(f"{repositories} repositories of {packages} packages, {len(every):,} advisories; load {os.getloadavg()[0]:.1f}")
        for number in range(rounds):
            _round(number, place, folders, about)


def _round(number: int, place: Path, folders: list[Path], about: list[list[dict[str, Any]]]) -> None:
    ours, one = _timed(lambda: [_scanned(folder, place) for folder in folders])
    together, both = _timed(lambda: [_scanned(folders[0].parent, place)])
    theirs, other = _timed(lambda: [_audited(folder, each) for folder, each in zip(folders, about, strict=True)])
    apart, at_once = ({fault for each in found for names in each.values() for fault in names} for found in (ours, together))
    same = ours == theirs and apart == at_once
    told = "the same" if same else "NOT THE SAME"
    print(f"round {number + 1}: {len(apart)} advisories found, {told}; load {os.getloadavg()[0]:.1f}")
    for what, took in (("upkeep, one by one", one), ("upkeep, one scan", both), ("pip-audit, one by one", other)):
        ratios = " and ".join(f"{theirs / ours:.1f}" for ours, theirs in zip(took, other, strict=True))
        print(f"  {what:22} {took[0]:6.1f} s, of them {took[1]:5.1f} s of processors; pip-audit takes {ratios} times as long")


def _timed(work: Callable[[], list[Found]]) -> tuple[list[Found], tuple[float, float]]:
    """What comes of it; the seconds that it took, and those that processors worked for the processes that it started."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    found = work()
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return found, (seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def _place(folder: Path) -> Path:
    place = folder / "osv"
    (place / "PyPI").mkdir(parents=True)
    shutil.copyfile(DUMP, place / "PyPI/all.zip")
    (place / "fetched.json").write_text(json.dumps({"PyPI": datetime.now(UTC).isoformat()}))
    os.environ[SETTING] = str(folder / "cache")
    return place


def _written(folder: Path, versions: dict[str, str]) -> Path:
    folder.mkdir(parents=True)
    (folder / "requirements.txt").write_text("".join(f"{name}=={version}\n" for name, version in versions.items()))
    return folder


def _about(every: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    names = {line.partition("==")[0] for line in (folder / "requirements.txt").read_text().splitlines()}
    return [one for one in every if any(part["package"]["name"].lower() in names for part in one["affected"])]


def _scanned(folder: Path, place: Path) -> Found:
    args = [sys.executable, "-m", "upkeep.cli", "scan", str(folder), "--advisories", str(place), "--format", "json"]
    done = subprocess.run(args, capture_output=True, text=True, timeout=600, check=False)
    found: Found = {}
    for one in json.loads(done.stdout)["found"]:
        found.setdefault(one["package"], set()).update(one["advisories"])
    return found


def _audited(folder: Path, documents: list[dict[str, Any]]) -> Found:
    with osv(documents) as server:
        return {name: found for name, found in audited(folder / "requirements.txt", server.address).items() if found}


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
