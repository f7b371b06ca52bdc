"""What the server said about a statement, and what that means: a warning that something was skipped is not success."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from upkeep.maintenance.work import Outcome

if TYPE_CHECKING:
    import psycopg

_LOCKED, _VANISHED = "55P03", "42P01"


@dataclass(frozen=True, slots=True)
class Notice:
    """One notice: its severity in English, its code, and its text with details."""

    severity: str
    code: str
    text: str

    @classmethod
    def of(cls, diagnostic: Any) -> Self:
        """From the driver's."""
        texts = (diagnostic.message_primary, diagnostic.message_detail)
        severity = diagnostic.severity_nonlocalized or diagnostic.severity or ""
        return cls(severity, diagnostic.sqlstate or "", "\n".join(word for word in texts if word))


def outcome_of(
    error: "psycopg.Error | None", notices: Sequence[Notice], *, gave_way: bool, late: bool, lacking: Callable[[], str]
) -> tuple[Outcome, str]:
    """
    What came of a verbose statement, and why, in one line, whatever the server's language.

    It tells of each table that it works on (INFO): one that only warns has worked on none. One that worked and warns may have
    passed over partitions: `lacking` says of which a right is missing, "" where none is.
    """
    if error is not None:
        return _failed(error, gave_way=gave_way, late=late)
    worked = any(notice.severity == "INFO" for notice in notices)
    warned = [notice for notice in notices if notice.severity == "WARNING"]
    for notice in warned:
        if meant := {_LOCKED: Outcome.LOCKED, _VANISHED: Outcome.VANISHED}.get(notice.code):
            return meant, notice.text
    if warned and not worked:
        return Outcome.NOT_PERMITTED, warned[0].text
    if warned and (without := lacking()):
        return Outcome.NOT_PERMITTED, f"{without}: {warned[0].text}"
    return Outcome.DONE, ""


def _failed(error: "psycopg.Error", *, gave_way: bool, late: bool) -> tuple[Outcome, str]:
    import psycopg

    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, psycopg.errors.QueryCanceled):
        if gave_way:
            return Outcome.GAVE_WAY, "somebody waited for it"
        return (Outcome.OUT_OF_TIME, "its time was up") if late else (Outcome.GAVE_WAY, f"ended from outside: {text}")
    meanings: dict[type[psycopg.Error], Outcome] = {
        psycopg.errors.LockNotAvailable: Outcome.LOCKED,
        psycopg.errors.DeadlockDetected: Outcome.GAVE_WAY,
        psycopg.errors.UndefinedTable: Outcome.VANISHED,
        psycopg.errors.InvalidSchemaName: Outcome.VANISHED,
        psycopg.errors.InsufficientPrivilege: Outcome.NOT_PERMITTED,
    }
    return next((outcome for kind, outcome in meanings.items() if isinstance(error, kind)), Outcome.FAILED), text
