"""A registry for backups that are taken only to be measured."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime, timedelta

from upkeep.backups.registry import Record, Restoration
from upkeep.window import Window


class Nobody:
    """A registry that remembers nothing."""

    window = Window(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 2, tzinfo=UTC))
    asked_at = window.end + timedelta(minutes=5)

    installation = "00000000-0000-0000-0000-000000000001"

    def claimed(self, *names: str, say: Callable[[str], None] | None = None, wait: bool = True) -> AbstractContextManager[None]:  # noqa: ARG002
        """Always."""
        return nullcontext()

    def assert_claimed(self, *names: str) -> None:
        """Always."""

    def records(self, target: str) -> list[Record]:  # noqa: ARG002
        """None."""
        return []

    def put(self, record: Record) -> None:
        """Forgotten."""

    def restorations(self, target: str) -> list[Restoration]:  # noqa: ARG002
        """None."""
        return []

    def put_restoration(self, restoration: Restoration) -> None:
        """Forgotten."""
