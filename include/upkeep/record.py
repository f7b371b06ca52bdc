"""Records: rows of a domain's own table that an answer brings."""

from dataclasses import dataclass, fields
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Record:
    """
    One row of `upkeep.<table>`. A subclass is the table: its fields are the columns, in any order.

    The table also has `duty`, `target`, `window_start` and `window_end`, a foreign key of these to `upkeep.answer` with
    `on delete cascade`, and a primary key that begins with them: rows are written in the answer's transaction, and replaced when
    the same question is put again.
    """

    table: ClassVar[str]

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """The columns beside those of the answer."""
        return tuple(field.name for field in fields(cls))

    def values(self) -> tuple[Any, ...]:
        """The values in the order of `columns`."""
        return tuple(getattr(self, name) for name in self.columns())
