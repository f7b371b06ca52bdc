"""What the data-quality gate said about a window's rows, kept for the report: a document of its own beside it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from upkeep.store.answers import sql
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg


class Verdict(Protocol):
    """What was judged: whether every expectation was met, how many there were, and those that were not, in words."""

    @property
    def passed(self) -> bool:
        """Whether every expectation was met."""
        ...

    @property
    def expectations(self) -> int:
        """How many there were."""
        ...

    @property
    def failures(self) -> tuple[str, ...]:
        """Those that were not met."""
        ...


@dataclass(frozen=True, slots=True)
class StoredVerdict:
    """A verdict read back."""

    expectations: int
    failures: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every expectation was met."""
        return not self.failures


def keep_verdict(connection: "psycopg.Connection[Any]", cadence: Cadence, window: Window, verdict: Verdict) -> None:
    """Replace the verdict on this window."""
    import json

    content = json.dumps({"expectations": verdict.expectations, "failures": list(verdict.failures)})
    said = "\n".join(f"- {failure}" for failure in verdict.failures) or "Every expectation was met."
    connection.execute(sql("keep_verdict"), (cadence.value, window.start, window.end, said, content))


def stored_verdict(connection: "psycopg.Connection[Any]", cadence: Cadence, window: Window) -> StoredVerdict | None:
    """The verdict on this window, or None when the gate has not judged."""
    row = connection.execute(sql("stored_verdict"), (cadence.value, window.start, window.end)).fetchone()
    return StoredVerdict(int(row[0]["expectations"]), tuple(row[0]["failures"])) if row else None
