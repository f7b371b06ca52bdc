"""The commits of the repositories that advisories speak of: own ones of the inventory, and public ones where that is asked."""

from collections.abc import Callable, Mapping
from urllib.parse import urlsplit

from upkeep.errors import BrokenError, CannotAskError
from upkeep.formats.git_address import repository_of
from upkeep.sources.git.ancestry import Ancestry
from upkeep.sources.git.history import Remote
from upkeep.sources.git.login import GitLogin

_ASK = "set histories under advisories in the inventory, or give --histories to upkeep scan"
_HERE = frozenset(["127.0.0.1", "localhost", "::1"])


class GitHistories:
    """
    Looks up each repository once. An address is the advisory's own, never one that a lockfile gives.

    A repository of the inventory is fetched from there, with its login; any other only with `public`, by HTTPS and without one.
    """

    def __init__(self, own: Mapping[str, Callable[[], Remote]] | None = None, *, public: bool = False) -> None:
        """`own` are the inventory's repositories, by host and path."""
        self._own, self._public = own or {}, public
        self._open: dict[str, Ancestry] = {}
        self._failed: dict[str, str] = {}

    def reaches(self, address: str, newer: str, older: str) -> bool | None:
        """Whether the newer commit is the older or comes after it; None where it cannot be told."""
        name = repository_of(address)
        if name in self._failed:
            return None
        try:
            if name not in self._open:
                self._open[name] = Ancestry(self._remote(name, address))
            return self._open[name].reaches(newer, older)
        except (BrokenError, CannotAskError) as error:
            self._failed[name] = f"{error.reason} ({error.remedy})" if error.remedy else error.reason
            return None

    def why(self, address: str) -> str:
        """Why something of this repository could not be told."""
        return self._failed.get(repository_of(address), "not every commit that this needs is there")

    def _remote(self, name: str, address: str) -> Remote:
        if name in self._own:
            return self._own[name]()
        if not self._public:
            raise CannotAskError("it is not fetched", _ASK)
        parts = urlsplit(address)
        if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in _HERE):
            raise CannotAskError(f"it is not fetched from {address}, which does not begin with https://")
        return Remote(address, GitLogin())
