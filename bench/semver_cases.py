"""
npm's versions and ranges against the cases that node-semver publishes with its own tests.

Give the folder of an unpacked package of npm's `semver` that has its tests (npm pack semver@5.0.3): nothing is fetched here, and
of the tests only the lists of cases are read. Comparisons and equalities are asked of the order of versions. Of ranges, those are
asked that say what an advisory can say: whole versions with <, <=, >, >= and =, one after the other, and || between. npm itself
leaves pre-releases out of a range that names none of the same version, where OSV's events count them by order: such cases are
counted apart.

    python -m bench.semver_cases FOLDER
"""

import json
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from upkeep.advisories.advisory import Affected, Range, RangeKind
from upkeep.advisories.orders.semver import semver
from upkeep.advisories.ranges import Lookup, intervals

_COMPARATOR = re.compile(r"\s*(>=|<=|>|<|=|)\s*v?(\d+\.\d+\.\d+(?:-[\w.-]+)?(?:\+[\w.-]+)?)(?=\s|$)")
_JS = """
const text = require('fs').readFileSync(process.argv[1], 'utf8'), found = {};
for (const part of text.split(/^test\\(/m).slice(1)) {
  const name = part.match(/^'(?:\\\\n)?([^']+)'/), list = part.match(/\\n\\s*(\\[[\\s\\S]*?\\])\\.forEach/);
  if (name && list) found[name[1]] = eval(list[1]);
}
console.log(JSON.stringify(found));
"""


def main(folder: Path) -> None:
    """Every list of cases that is there."""
    tests = next((path for path in sorted(folder.rglob("test/index.js")) if "comparison tests" in path.read_text()), None)
    if tests is None:
        print(f"skipped: no test/index.js of node-semver below {folder}")
        return
    told: Counter[tuple[str, str]] = Counter()
    for name, wrong, kind in _cases(_read(tests)):
        told[(name, kind)] += 1
        if wrong:
            print(f"  {name}: {wrong}")
    for (name, kind), count in sorted(told.items()):
        print(f"{name:24} {kind:44} {count:5}")


def _cases(found: dict[str, list[list[Any]]]) -> Iterator[tuple[str, str, str]]:
    for greater, lower, *more in found["comparison tests"]:
        yield "comparison", *_judged(more, lambda a, b: semver(b) < semver(a), greater, lower)
    for one, other, *more in found["equality tests"]:
        yield "equality", *_judged(more, lambda a, b: semver(a) == semver(b), one.strip(), other.strip())
    for name, expected in (("range tests", True), ("negative range tests", False)):
        for text, version, *more in found[name]:
            yield name, *_ranged(str(text), version, expected, _options(more))


def _judged(more: list[Any], holds: Any, one: str, other: str) -> tuple[str, str]:
    if _options(more).get("loose") or one.startswith("=") or other.startswith("="):
        return "", "loose: no version of a registry"
    try:
        return ("", "the same") if holds(one, other) else (f"{one} and {other}", "DIFFERENT")
    except ValueError as error:
        return f"{one} and {other}: {error}", "REFUSED"


def _ranged(text: str, version: Any, expected: bool, options: dict[str, Any]) -> tuple[str, str]:  # noqa: FBT001 - a case
    parts = [_COMPARATOR.findall(part) if not _COMPARATOR.sub("", part).strip() else [] for part in text.split("||")]
    if options.get("loose") or not isinstance(version, str) or not all(parts):
        return "", "not what an advisory says (^, ~, *, x, -)"
    try:
        found = any(_holds(part, version) for part in parts)
    except ValueError:
        return "", "refused as no version" if not expected else "REFUSED"
    if found is expected:
        return "", "the same"
    if found and "-" in version and not options.get("includePrerelease"):
        return "", "a pre-release, which counts by order here"
    return f"{version} in {text}: {found}", "DIFFERENT"


def _holds(comparators: list[tuple[str, str]], version: str) -> bool:
    """Whether every comparator holds, each as a range of events of its own."""
    return all(_in_events(sign, bound, version) for sign, bound in comparators)


def _in_events(sign: str, bound: str, version: str) -> bool:
    from_bound, up_to = ("introduced", bound), ("last_affected", bound)
    events = {
        ">=": (from_bound,),
        "<": (("introduced", "0"), ("fixed", bound)),
        "<=": (("introduced", "0"), up_to),
        "=": (from_bound, up_to),
        "": (from_bound, up_to),
        ">": (from_bound,),
    }[sign]
    held = intervals(Affected("npm", "it", (Range(RangeKind.SEMVER, events),), ()), semver)
    lookup = Lookup([("it", held)])
    within = bool(lookup.held(lookup.place(semver(version))))
    return within and not (sign == ">" and semver(version) == semver(bound))


def _options(more: list[Any]) -> dict[str, Any]:
    """node-semver takes `true` for loose."""
    given = more[0] if more else None
    return given if isinstance(given, dict) else {"loose": bool(given)}


def _read(path: Path) -> dict[str, list[list[Any]]]:
    """The lists by the names of their tests; only they are evaluated, and they hold texts and truths alone."""
    args = [shutil.which("node") or "node", "-e", _JS, str(path.resolve())]
    found: dict[str, list[list[Any]]] = json.loads(subprocess.run(args, capture_output=True, check=True, timeout=60).stdout)
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
