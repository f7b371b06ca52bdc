"""What can go wrong while asking, said for the reader: what failed, why, what to do, whether a retry makes sense."""

import re

_LONGEST = 500
_NAMES = r"(?i)\b((?:\w*_)?(?:password|passwd|secret|token|api[_-]?key|authorization))"
_VALUES = r"""(["']?\s*[=:]\s*)(?:bearer\s+)?(?:"[^"]*"|'[^']*'|[^\s,;)]+)"""
_SECRETS = ((re.compile(r"(://[^\s:/@]*):[^\s@]+@"), r"\1:…@"), (re.compile(_NAMES + _VALUES), r"\1\2…"))


class UpkeepError(Exception):
    """Anything Upkeep itself reports; the message is written for a person."""


class InventoryError(UpkeepError):
    """The inventory or the waivers file is wrong; the message names file, line, field and what was expected."""


class CannotAskError(UpkeepError):
    """
    The question cannot be put to this target: a right, an extension or a feature is missing.

    The answer is `unknown` with this reason. Asking again changes nothing until `remedy` is done.
    """

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason)
        self.reason, self.remedy = reason, remedy


class BrokenError(UpkeepError):
    """
    Asking failed: host away, password wrong, time ran out.

    The answer is `unknown` and the task is red. `retry` says whether another try may help by itself; `tries` is how many make
    sense at most, and None stands for all that there are, as for what is away and may come back.
    """

    def __init__(self, reason: str, remedy: str = "", *, retry: bool, tries: int | None = None) -> None:
        super().__init__(reason)
        self.reason, self.remedy, self.retry, self.tries = reason, remedy, retry, tries


class MissingConnectionError(BrokenError):
    """There is no connection of this name, and nobody failed to look: whoever can do without it may."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason, remedy, retry=False)


class ClaimedError(BrokenError):
    """Another process has what only one may have at a time; the message names it. Later it may be free."""

    def __init__(self, reason: str, remedy: str = "") -> None:
        super().__init__(reason, remedy, retry=True)


class LockedError(BrokenError):
    """What was to be looked at was locked for too long. Asked again, a question that sees locks goes round it."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"waited too long for a lock: {reason}", "see the blocking check", retry=True)


class VanishedError(BrokenError):
    """What was listed was dropped before it was looked at. Asked again at once, the list is another."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"what was looked at was dropped meanwhile: {reason}", "ask again", retry=True)


def known(error: Exception) -> BrokenError:
    """The error itself when it is one of ours, else one that says type and message of the unexpected one, without secrets."""
    if isinstance(error, BrokenError):
        return error
    text = " ".join(f"{type(error).__name__}: {error}".split())
    for secret, hidden in _SECRETS:
        text = secret.sub(hidden, text)
    remedy = "this is a fault of the duty, not of the target: the task's log has the traceback"
    broken = BrokenError(f"unexpected {text[:_LONGEST]}", remedy, retry=True, tries=2)
    broken.__cause__ = error
    return broken
