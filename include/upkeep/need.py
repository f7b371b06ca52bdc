"""What a duty needs beyond a connection: a right, an extension, a policy, a scope. PostgreSQL's rights are one kind."""

from typing import Protocol


class Need(Protocol):
    """
    One thing that must be there before a question can be put.

    `name` is what it is called where it is granted; `without` says what stays unseen without it.
    """

    @property
    def name(self) -> str:
        """What it is called where it is granted."""
        ...

    @property
    def without(self) -> str:
        """What stays unseen without it."""
        ...

    @property
    def example(self) -> str:
        """What gives it to a login called `upkeep`, for documents."""
        ...

    def missing(self, session: object) -> str | None:
        """What gives it, to paste (a grant, a policy, a scope); None when the session has it."""
        ...
