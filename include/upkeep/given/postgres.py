"""An open read-only session of a database, whose rights were looked at first."""

from collections.abc import Iterator

from upkeep.errors import CannotAskError
from upkeep.given.asked import Asked, provides
from upkeep.sources.postgres import Postgres, session
from upkeep.targets.database import Database


@provides(Postgres)
def postgres(asked: Asked) -> Iterator[Postgres]:
    """
    One session, counted against the target's `at_once`.

    Raises CannotAskError that names the grants when it lacks what the duty needs, and BrokenError when there is no connection.
    """
    target = asked.target
    if not isinstance(target, Database):
        raise CannotAskError(f"{asked.duty.name} asks PostgreSQL, but {target.name} is no database")
    with (
        asked.turn(),
        session(
            asked.connections.postgres(target.connection),
            f"upkeep {asked.duty.name}",
            statement_timeout_s=target.statement_timeout_s,
            lock_timeout_s=target.lock_timeout_s,
        ) as made,
    ):
        _require(asked, made)
        yield made


def _require(asked: Asked, made: Postgres) -> None:
    missing = {need: remedy for need in asked.duty.needs if (remedy := need.missing(made))}
    if missing:
        names = ", ".join(need.name for need in missing)
        unseen = "; ".join(need.without for need in missing)
        raise CannotAskError(f"needs {names}: without it Upkeep cannot see {unseen}", "\n".join(missing.values()))
