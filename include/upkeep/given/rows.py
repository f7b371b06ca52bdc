"""What others stored in the report database."""

from collections.abc import Iterator

from upkeep.given.asked import Asked, provides
from upkeep.sources.rows import Rows


@provides(Rows)
def rows(asked: Asked) -> Iterator[Rows]:
    """Documented tables and views. Raises CannotAskError without a report database."""
    yield Rows(asked.stored())
