"""
How fast packages are matched against a whole dump of advisories, and with how much memory.

Every package of the dump is asked in every version that the dump names, over and over until the given number of pairs (default a
million) is reached. Printed are the pairs a second for the first round, in which everything is new, and for all; and the growth
of this process's peak memory. Says that it was skipped when there is no dump.

    python bench/advisories.py [PAIRS] [DUMP]
"""

import resource
import sys
import time
from datetime import UTC, datetime
from itertools import cycle, islice
from pathlib import Path

from upkeep.advisories.advisory import Advisory
from upkeep.advisories.dump import read_dump
from upkeep.advisories.matcher import Matcher
from upkeep.formats.package import Package

DUMP = Path(__file__).resolve().parents[2] / "shared/data/osv/PyPI.zip"
AT = datetime(2026, 1, 1, tzinfo=UTC)


def peak() -> float:
    """Peak memory of this process, MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def asked(matcher: Matcher) -> list[Package]:
    """Every package in every version that is named."""
    named = {
        (ecosystem, name): {v for _, part in held for v in part.versions} for (ecosystem, name), held in matcher.held.items()
    }
    return [Package(ecosystem, name, version) for (ecosystem, name), versions in named.items() for version in sorted(versions)]


def main(pairs: int = 1_000_000, dump: Path = DUMP) -> None:
    """Read, match and print."""
    if not dump.exists():
        print(f"skipped: no dump at {dump}")
        return
    before, start = peak(), time.perf_counter()
    with dump.open("rb") as file:
        every = [read for read in read_dump(file, dump.name) if isinstance(read, Advisory)]
    matcher = Matcher(every, AT)
    print(f"{len(every):,} advisories read in {time.perf_counter() - start:.2f} s")
    packages = asked(matcher)[:pairs]
    start = time.perf_counter()
    faults = sum(len(matcher.match(package).faults) for package in packages)
    first = time.perf_counter() - start
    again = pairs - len(packages)
    faults += sum(len(matcher.match(package).faults) for package in islice(cycle(packages), again))
    whole = time.perf_counter() - start
    print(f"{len(packages):,} new pairs in {first:.2f} s ({len(packages) / first:,.0f} a second)")
    print(f"{pairs:,} pairs in {whole:.1f} s ({pairs / whole:,.0f} a second), {faults:,} faults; {peak() - before:.0f} MB more")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:2]), *map(Path, sys.argv[2:3]))
