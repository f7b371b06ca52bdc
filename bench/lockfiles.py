"""
What lockfiles of others say: time of each kind, what could not be read, and where pip-audit's parser says otherwise.

Give a folder of unpacked packages, such as sdists (pip download --no-binary :all: NAME) and npm packages (npm pack NAME): nothing
is fetched here. Run: python -m bench.lockfiles FOLDER
"""

import sys
import time
from collections import Counter
from pathlib import Path

from packaging.utils import canonicalize_name
from pip_requirements_parser import RequirementsFile

from upkeep.formats.package import Package, Reading
from upkeep.sources.repository import folder_repository

Pin = tuple[str, str | None]


def main(folder: Path) -> None:
    """Read every lockfile below a folder."""
    repository = folder_repository("bench", folder)
    files, packages, seconds, lost = Counter[str](), Counter[str](), Counter[str](), 0
    for path in repository.lockfiles():
        started = time.perf_counter()
        reading = repository.reading(path)
        seconds[reading.kind] += time.perf_counter() - started  # type: ignore[assignment]
        files[reading.kind] += 1
        packages[reading.kind] += len(reading.packages)
        lost += bool(reading.incomplete)
        for said in reading.incomplete[:3]:
            print(f"  incomplete: {path}: {said}")
        if reading.kind == "requirements.txt":
            _compare(folder / path, reading)
    print(f"{'kind':24} {'files':>6} {'packages':>9} {'ms a file':>10}")
    for kind in sorted(files):
        print(f"{kind:24} {files[kind]:6} {packages[kind]:9} {seconds[kind] * 1000 / files[kind]:10.1f}")
    print(f"{files.total()} files, {lost} incomplete")


def _compare(path: Path, reading: Reading) -> None:
    """Say what only one of the two found; ranges count without their version."""
    try:
        theirs = RequirementsFile.from_file(str(path), include_nested=True).requirements
    except Exception as error:  # noqa: BLE001 - the other parser stops at the first file that is not there
        print(f"  pip-audit's parser stops at {path}: {error}")
        return
    found = {(canonicalize_name(one.name), one.get_pinned_version) for one in theirs if one.name}
    ours = {_pin(package) for package in reading.packages}
    for name, version in sorted(found ^ ours, key=str):
        print(f"  only {'ours' if (name, version) in ours else 'theirs'}: {name} {version} in {path}")


def _pin(package: Package) -> Pin:
    return package.name, package.version


if __name__ == "__main__":
    main(Path(sys.argv[1]))
