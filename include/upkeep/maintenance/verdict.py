"""What a round over tables says to people: its summary, its findings and its numbers."""

from collections.abc import Iterator, Sequence
from typing import Any

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.humanize import plural, span
from upkeep.maintenance.rights import grants, refused
from upkeep.maintenance.round import Round, ToDo, of_outcome
from upkeep.maintenance.work import Action, Outcome, Work
from upkeep.units import Unit

_SHOWN = 50
_WORDS = {Action.VACUUM: "vacuumed", Action.ANALYZE: "analyzed"}
_LATER = {
    Outcome.LOCKED: "locked by others",
    Outcome.GAVE_WAY: "gave way to somebody who waited",
    Outcome.OUT_OF_TIME: "out of time",
    Outcome.VANISHED: "dropped meanwhile",
    Outcome.FAILED: "failed",
    Outcome.NOT_PERMITTED: "not permitted",
}


def planned(action: Action, todo: Sequence[ToDo], **evidence: Any) -> Answer:
    """The answer of a dry run: what would be done, and why."""
    listed = [{"table": one.name, "why": list(one.reasons), "statement": one.statement.as_string(None)} for one in todo]
    first = f": {todo[0].name} ({todo[0].reasons[0]}) first" if todo else ""
    message = f"{plural(len(todo), 'table')} would be {_WORDS[action]}{first}; dry run, nothing was changed"
    return Answer.judged(message, evidence={"dry_run": True, "todo": listed, **evidence})


def summary(made: Round, looked_at: int) -> str:
    """One line with numbers."""
    done = of_outcome(made.done, Outcome.DONE)
    parts = [f"{len(done)} of {plural(looked_at, 'table')} {_WORDS[made.action]} in {span(sum(w.seconds or 0 for w in done))}"]
    parts += [f"{len(late)} {label}" for outcome, label in _LATER.items() if (late := of_outcome(made.done, outcome))]
    parts += [f"no time was left for {len(made.left)}"] if made.left else []
    return "; ".join(parts)


def findings(made: Round) -> Iterator[Finding]:
    """What a person should look at."""
    lacking = of_outcome(made.done, Outcome.NOT_PERMITTED)
    if lacking:
        yield _not_permitted(made, lacking)
    for work in of_outcome(made.done, Outcome.FAILED):
        yield Finding(
            rule=f"{made.action}_failed", object=work.table_name, severity=Severity.HIGH,
            title=f"{made.action} of {work.table_name} fails: {work.message}",
            remedy="see the server's log; a damaged table or index fails so: check it with amcheck, and the newest backup",
        )  # fmt: skip
    yield from _waiting(made)


def _not_permitted(made: Round, lacking: Sequence[Work]) -> Finding:
    statements = grants(refused(made.work.own))
    return Finding(
        rule="maintenance_not_permitted", object="login", severity=Severity.MEDIUM,
        title=f"the maintenance login may not work on {plural(len(lacking), 'table')}, such as {lacking[0].table_name}",
        remedy="\n".join(statements) or "let a superuser vacuum the system's own tables: vacuum;",
        details={"tables": [work.table_name for work in lacking[:_SHOWN]]},
    )  # fmt: skip


def _waiting(made: Round) -> Iterator[Finding]:
    """Tables that need it and did not get it, for want of time or of the table."""
    late = [w.table_name for w in of_outcome(made.done, Outcome.LOCKED, Outcome.GAVE_WAY, Outcome.OUT_OF_TIME)]
    names = [*late, *(one.name for one in made.left)]
    if names:
        yield Finding(
            rule=f"{made.action}_not_reached", object="tables", severity=Severity.LOW,
            title=f"{plural(len(names), 'table')} could not be reached for {made.action}, such as {names[0]}",
            remedy=f"upkeep job {'vacuum' if made.action is Action.VACUUM else 'statistics'} {made.target} # goes on with them; "
            "give it more minutes or other hours when that happens often, and see who holds locks for long (blocking)",
            value=len(names), limit=0, unit=Unit.COUNT, details={"tables": names[:_SHOWN]},
        )  # fmt: skip


def metrics(made: Round) -> Iterator[Metric]:
    """Numbers of the round."""
    done = of_outcome(made.done, Outcome.DONE)
    name = {Action.VACUUM: "vacuumed_tables", Action.ANALYZE: "analyzed_tables"}[made.action]
    yield Metric(name=name, value=len(done), unit=Unit.COUNT)
    yield Metric(name="tables_not_reached", value=len(made.done) - len(done) + len(made.left), unit=Unit.COUNT)
    yield Metric(name="maintenance_seconds", value=sum(work.seconds or 0 for work in made.done), unit=Unit.SECONDS)


def shown(one: Work) -> dict[str, Any]:
    """One table as evidence."""
    return {
        "table": one.table_name, "outcome": one.outcome.value, "why": list(one.reasons), "predicted": one.predicted_rows,
        "removed": one.removed_rows, "kept": one.kept_rows, "seconds": one.seconds,
    }  # fmt: skip
