"""A scan for people."""

import io
from collections.abc import Iterable, Iterator

from upkeep.advisories.found import Found
from upkeep.advisories.scan import Scanned
from upkeep.formats.package import Scope
from upkeep.humanize import plural

_WIDTH = 160
_HEAD = ("severity", "package", "version", "fault", "fixed in", "where", "exploited")


def shown(scanned: Scanned) -> str:
    """A table of faults, then what to do, what passes, what could not be checked and what to know."""
    blocks = [_table(scanned.found)] if scanned.found else []
    blocks += [block for block in map("\n".join, _blocks(scanned)) if block]
    return "\n\n".join([*blocks, _summary(scanned)])


def printable(text: str) -> str:
    """Names are other people's words: what would move the cursor or colour the screen is shown as what it is."""
    return "".join(letter if letter.isprintable() else f"\\x{ord(letter):02x}" for letter in text)


def _blocks(scanned: Scanned) -> Iterator[list[str]]:
    yield _block("Smallest changes", (f"{patch.text} closes {plural(len(patch.closes), 'fault')}" if patch.to else patch.text
                                      for patch in scanned.patches))  # fmt: skip
    yield _block("Passes", (f"{one.found.subject} {one.found.fault.title}: {one.statement.reason} ({one.statement.file})"
                            for one in scanned.passed))  # fmt: skip
    yield _block("Could not be checked", scanned.open_questions)
    yield _block("To know", scanned.notes)


def _block(title: str, lines: Iterable[str]) -> list[str]:
    every = [f"  {printable(line)}" for line in lines]
    return [f"{title}:", *every] if every else []


def _table(found: Iterable[Found]) -> str:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(*_HEAD, box=None, pad_edge=False)
    for one in found:
        made.add_row(*(Text(printable(cell)) for cell in _row(one)))
    out = io.StringIO()
    Console(file=out, highlight=False, width=_WIDTH).print(made)
    return "\n".join(line.rstrip() for line in out.getvalue().rstrip().splitlines())


def _row(one: Found) -> tuple[str, ...]:
    severity = one.severity.label if one.rated else "unrated"
    through = f" through {', '.join(one.parents)}" if one.parents and not one.direct else ""
    scope = " (development)" if one.scope is Scope.DEVELOPMENT else ""
    more = f" and {len(one.places) - 1} more" if len(one.places) > 1 else ""
    exploited = f"due {one.exploited.due:%Y-%m-%d}" if one.exploited else ""
    where = f"{one.places[0].text}{more}{through}{scope}"
    return (severity, one.subject, ", ".join(one.versions), one.fault.title, one.fix or "none", where, exploited)


def _summary(scanned: Scanned) -> str:
    looked = f"{plural(scanned.packages, 'package')} of {plural(len(scanned.files), 'file')}"
    parts = [f"{plural(len(scanned.found), 'fault')} in {looked}, as known on {scanned.at:%Y-%m-%d %H:%M} UTC"]
    parts += [f"{len(scanned.passed)} passed"] if scanned.passed else []
    parts += [f"covered: {', '.join(scanned.covered)}"] if scanned.covered else []
    parts += [f"{plural(len(scanned.open_questions), 'thing')} could not be checked"] if scanned.open_questions else []
    return "; ".join(parts)
