"""Settings of the server that a session cannot see, since its login, its database or its client sets them for itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from upkeep.errors import CannotAskError
from upkeep.sources.postgres import Postgres


@dataclass(frozen=True, slots=True)
class Hidden:
    """One setting and one place that hides the server's value: `scope` sets `value` there, `reset` undoes it."""

    name: str
    scope: str
    value: str
    reset: str


def hidden_settings(pg: Postgres, names: Iterable[str]) -> list[Hidden]:
    """Those of `names` whose value on the server cannot be seen, once for each place that hides it."""
    return pg.measure(__file__, Hidden, {"names": list(names)})


def require_seen(hidden: Sequence[Hidden]) -> None:
    """Raises CannotAskError, with what undoes it, when there is any."""
    if hidden:
        settings = ", ".join(f"{one.name} ({one.scope} has {one.value or 'nothing'})" for one in hidden)
        reason = f"the server's value cannot be seen where Upkeep's login has its own: {settings}"
        raise CannotAskError(reason, "\n".join(dict.fromkeys(one.reset for one in hidden)))
