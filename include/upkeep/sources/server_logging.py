"""How a server logs, as its settings say."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from upkeep.errors import CannotAskError

DURATIONS = (
    "log_min_duration_statement",
    "log_min_duration_sample",
    "log_statement_sample_rate",
    "auto_explain.log_min_duration",
)


@dataclass(frozen=True, slots=True)
class Logging:
    """
    How the server logs; durations in milliseconds, -1 or None for never.

    `like_it` are the databases whose names hold this one's or that it holds, itself included, as the bytes that are logged.
    """

    now: datetime
    database_bytes: bytes
    like_it: Sequence[bytes]
    system_identifier: int
    collecting: bool
    destination: str
    line_prefix: str
    timezone: str
    language: str
    from_ms: int
    sample_from_ms: int
    sample_rate: float
    plan_from_ms: int | None

    @property
    def database(self) -> str:
        """This database's name as a log is read, in whatever encoding it is logged."""
        return self.database_bytes.decode(errors="replace")

    @property
    def durations(self) -> bool:
        """Whether statements that take long are logged at present."""
        sampled = self.sample_from_ms >= 0 and self.sample_rate > 0
        return self.from_ms >= 0 or sampled or self.plans

    @property
    def plans(self) -> bool:
        """Whether auto_explain logs them with their durations."""
        return self.plan_from_ms is not None and self.plan_from_ms >= 0

    def require_english(self) -> None:
        """Raises CannotAskError where the server's own lc_messages is another language; that of roles shows in the lines only."""
        language = self.language.lower()
        if language not in {"", "c", "posix"} and not language.startswith(("c.", "en")):
            reason = f"the server logs in another language (lc_messages {self.language})"
            raise CannotAskError(reason, "alter system set lc_messages = 'C'; select pg_reload_conf();")
