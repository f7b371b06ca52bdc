"""
The score on each PostgreSQL that is installed: one process and one scratch server after the other, and a table of all.

What asks no server, and the verification of backups, which tries versions by itself, is counted once, with the newest.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.conftest import NAMED
from upkeep.sources.scratch import installed

PAGE = Path(__file__).parents[1] / "docs/score.md"
Tallies = Mapping[str, Mapping[str, Any]]
_HEAD = """# Score

Made by `make score ALL=1 WRITE=1`. Each check is asked on a scratch server of each version after a fault was planted (caught of
planted), and on servers that are healthy or nearly at fault (false alarms of those). What a version cannot hold, such as an
extension that it lacks, is left out of the count and named behind a plus. What asks no server, and the verification of backups,
was tried once, with the newest.
"""


def main(args: Sequence[str]) -> int:
    """Run for each version and print the table; `--write` puts it into the documents. 1 when anything was missed or invented."""
    tests = [word for word in args if word != "--write"]
    found = {version_of(folder): _run(major, tests) for major, folder in installed().items()}
    text = page(found)
    sys.stdout.write(text)
    if "--write" in args:
        PAGE.write_text(text, encoding="utf-8")
    return int(any(tally["missed"] or tally["false_alarms"] for tallies in found.values() for tally in tallies.values()))


def version_of(folder: Path) -> str:
    """Such as "15.19"."""
    output = subprocess.run([str(folder / "postgres"), "--version"], check=True, capture_output=True, text=True).stdout
    return output.split()[2]


def wanted_here(module: object) -> bool:
    """Whether a file of tests says anything on the version that is named: on the newest each, else those that ask servers."""
    named = os.environ.get(NAMED)
    return not named or int(named) == max(installed()) or hasattr(module, "Lab")


def _run(major: int, tests: Sequence[str]) -> Tallies:
    with tempfile.NamedTemporaryFile(suffix=".json") as into:
        args = [sys.executable, "-m", "tests.score", f"--into={into.name}", *tests]
        subprocess.run(args, env={**os.environ, NAMED: str(major)}, check=False)
        text = Path(into.name).read_text(encoding="utf-8")
    return json.loads(text) if text else {}


def page(found: Mapping[str, Tallies]) -> str:
    """The table as Markdown: a row for each check, two columns for each version."""
    checks = sorted({check for tallies in found.values() for check in tallies})
    heads = [f"{version} caught | {version} false" for version in found]
    rows = [f"| {check} | {' | '.join(_cells(tallies.get(check)) for tallies in found.values())} |" for check in checks]
    whole = " | ".join(_cells(_sum(tallies)) for tallies in found.values())
    lines = [f"| check | {' | '.join(heads)} |", "|---|" + "---:|---:|" * len(found), *rows, f"| **all** | {whole} |"]
    return "\n".join([_HEAD, *lines, *_wrong(found), ""])


def _cells(tally: Mapping[str, Any] | None) -> str:
    if tally is None:
        return "- | -"
    untried = f" +{tally['untried']}" if tally["untried"] else ""
    faults, harmless = tally["caught"] + len(tally["missed"]), tally["quiet"] + len(tally["false_alarms"])
    return f"{tally['caught']}/{faults}{untried} | {len(tally['false_alarms'])}/{harmless}"


def _sum(tallies: Tallies) -> Mapping[str, Any]:
    each = tallies.values()
    counts = {name: sum(tally[name] for tally in each) for name in ("caught", "quiet", "untried")}
    return {**counts, **{name: [one for tally in each for one in tally[name]] for name in ("missed", "false_alarms")}}


def _wrong(found: Mapping[str, Tallies]) -> list[str]:
    messages = []
    for version, tallies in found.items():
        for tally in tallies.values():
            messages += [f"* {version} missed `{name}`" for name in tally["missed"]]
            messages += [f"* {version} false alarm `{name}`" for name in tally["false_alarms"]]
    return ["", "Not as it should be:", "", *messages] if messages else []
