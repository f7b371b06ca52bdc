"""What the data-quality gate found in a window's rows, kept for the report: a document of its own beside it."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from upkeep.store.answers import sql
from upkeep.store.documents import Document, save_document
from upkeep.window import Cadence, Window

if TYPE_CHECKING:
    import psycopg

NAME = "quality"


@dataclass(frozen=True, slots=True)
class QualityResult:
    """How many expectations were tested, and those that were not met, each with its table, rows and what to do."""

    expectations: int
    failures: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether every expectation was met."""
        return not self.failures


def put_quality_result(connection: "psycopg.Connection[Any]", cadence: Cadence, window: Window, result: QualityResult) -> None:
    """Keep the newest result on a window. One statement that replaces the one before: it may be killed and run again."""
    lines = "\n".join(f"- {failure}" for failure in result.failures) or "Every expectation was met."
    content = {"expectations": result.expectations, "failures": list(result.failures)}
    document = Document(
        cadence=cadence.value, window=window, name=NAME, title="Quality of the rows", markdown=lines, content=content
    )  # fmt: skip
    save_document(connection, document)


def stored_quality_result(connection: "psycopg.Connection[Any]", cadence: Cadence, window: Window) -> QualityResult | None:
    """The result on this window, or None when the gate has not judged."""
    row = connection.execute(sql("quality_result"), (cadence.value, window.start, window.end, NAME)).fetchone()
    return QualityResult(int(row[0]["expectations"]), tuple(row[0]["failures"])) if row else None
