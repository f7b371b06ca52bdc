"""
Repositories scanned, against pip-audit with the same advisories: seconds of each, in pairs.

Generated are requirements files of pins that the shared dump names (default 20 repositories of 60 packages each). A round times
`upkeep scan` of every repository, one process each, on a folder with the whole dump; one `upkeep scan` of a folder with all of
them; and pip-audit of every one, one process each, on a local OSV server that has only the advisories about its packages. All
must find the same. The first round also makes the index of the dump. Says that it was skipped when there is no dump.

    python -m bench.against_pip_audit [REPOSITORIES] [PACKAGES] [ROUNDS]
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
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
    start = time.perf_counter()
    ours = [_scanned(folder, place) for folder in folders]
    single = time.perf_counter()
    together = _scanned(folders[0].parent, place)
    all_at_once = time.perf_counter()
    theirs = [_audited(folder, documents) for folder, documents in zip(folders, about, strict=True)]
    end = time.perf_counter()
    apart = {fault for one in ours for names in one.values() for fault in names}
    same = ours == theirs and apart == set().union(*together.values())
    one, both, other = single - start, all_at_once - single, end - all_at_once
    print(
        f"round {number + 1}: upkeep {one:.1f} s one by one, {both:.1f} s in one scan; pip-audit {other:.1f} s, "
        f"{other / one:.1f} and {other / both:.1f} times as long; {len(apart)} advisories found, "
        f"{'the same' if same else 'NOT THE SAME'}; load {os.getloadavg()[0]:.1f}"
    )


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
