"""Showing an examination: a table for people, JSON for machines, and one script of grants for each server."""

import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from upkeep.targets.diagnosis import Diagnosis, Level, needs_a_person

if TYPE_CHECKING:
    from rich.table import Table

_LOOKS = {Level.OK: ("ok", "green"), Level.NOTE: ("note", "yellow"), Level.NO: ("no", "bold red")}
_MOST_BLIND = 6
_WIDTH = 140


def as_json(diagnoses: Sequence[Diagnosis]) -> str:
    """Everything, for machines."""
    content = {
        "ready": not needs_a_person(diagnoses),
        "diagnoses": [v.as_json() for v in diagnoses],
        "grants": grant_scripts(diagnoses),
    }
    return json.dumps(content, indent=2, ensure_ascii=False)


def as_table(diagnoses: Sequence[Diagnosis]) -> "Table":
    """One line for each diagnosis, with what to do under each `no`."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, expand=False)
    for heading, wraps in (("", False), ("what", True), ("about", False), ("found", True)):
        table.add_column(heading, no_wrap=not wraps, overflow="fold")
    subject = None
    for diagnosis in diagnoses:
        word, style = _LOOKS[diagnosis.level]
        shown = diagnosis.subject if diagnosis.subject != subject else ""
        subject = diagnosis.subject
        table.add_row(
            Text(word, style=style), Text(shown, style="bold"), Text(diagnosis.about), Text("\n".join(_lines(diagnosis)))
        )
    return table


def closing(diagnoses: Sequence[Diagnosis]) -> str:
    """The last line: how many things need a person."""
    count = sum(v.level is Level.NO for v in diagnoses)
    return f"{count} of {len(diagnoses)} need a person." if count else f"All {len(diagnoses)} are well."


def grant_scripts(diagnoses: Sequence[Diagnosis]) -> dict[str, str]:
    """For each server, SQL that an administrator can paste into psql; nothing when nothing is missing."""
    by_place: dict[str, dict[str, list[str]]] = {}
    for diagnosis in diagnoses:
        statements = by_place.setdefault(diagnosis.server, {}).setdefault(diagnosis.database, []) if diagnosis.grants else []
        statements += [grant for grant in diagnosis.grants if grant not in statements]
    return {server: _script(server, databases) for server, databases in sorted(by_place.items())}


def _script(server: str, databases: dict[str, list[str]]) -> str:
    head = [f"-- Rights for Upkeep on {server}; paste into psql as an administrator."]
    for database, statements in sorted(databases.items()):
        head += [f"\\connect {_quoted(database)}", *statements]
    return "\n".join(head)


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _lines(diagnosis: Diagnosis) -> list[str]:
    lines = [diagnosis.text]
    if diagnosis.level is not Level.OK and diagnosis.remedy:
        lines.append(f"→ {diagnosis.remedy}")
    if diagnosis.blind:
        more = f" and {len(diagnosis.blind) - _MOST_BLIND} more" if len(diagnosis.blind) > _MOST_BLIND else ""
        lines.append(f"unknown until then: {', '.join(diagnosis.blind[:_MOST_BLIND])}{more}")
    if diagnosis.level is not Level.OK and diagnosis.where:
        lines.append(f"see {diagnosis.where}")
    return lines


def show(diagnoses: Sequence[Diagnosis]) -> None:
    """Print the table, the scripts of grants, and how many things need a person."""
    from rich.console import Console

    console = Console(highlight=False, width=None if sys.stdout.isatty() else _WIDTH)
    console.print(as_table(diagnoses))
    for script in grant_scripts(diagnoses).values():
        console.print("\n" + script, markup=False, soft_wrap=True)
    console.print("\n" + closing(diagnoses), style="bold")
