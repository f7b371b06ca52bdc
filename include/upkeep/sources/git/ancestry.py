"""Which commit of a repository comes after which: of a server commits alone are fetched, without their files."""

import re
from contextlib import suppress
from functools import cache

from upkeep.errors import BrokenError
from upkeep.sources.git.cache import copy_of
from upkeep.sources.git.command import git
from upkeep.sources.git.history import Remote, fetch_refs

_ID = re.compile(r"[0-9a-f]{7,64}")
_REFS = ("+refs/heads/*:refs/upkeep/heads/*", "+refs/tags/*:refs/upkeep/tags/*")
_COMMITS = "--filter=tree:0"


class Ancestry:
    """
    The commits of one repository. Answers are kept while it lives, since commits never change.

    Nothing is fetched while every commit that is asked about is there, and all branches and tags at most once.
    """

    def __init__(self, remote: Remote) -> None:
        """Of a repository on a server; nothing is asked of it yet."""
        self._remote, self._fetched = remote, False
        self._folder = copy_of(f"commits of {remote.url}")
        self.reaches = cache(self._reaches)
        self._has = cache(self._looked_for)

    def _reaches(self, newer: str, older: str) -> bool | None:
        """Whether the newer is the older or comes after it; None where either is not there. Raises BrokenError."""
        if not (self._has(newer) and self._has(older)):
            return None
        return not git(["rev-list", "--max-count=1", "--end-of-options", older, f"^{newer}"], folder=self._folder).strip()

    def _looked_for(self, commit: str) -> bool:
        if not _ID.fullmatch(commit):
            return False
        if not self._is_there(commit) and not self._fetched:
            fetch_refs(self._remote, self._folder, _REFS, _COMMITS)
            self._fetched = True
        return self._is_there(commit) or self._given_by_name(commit)

    def _given_by_name(self, commit: str) -> bool:
        """A commit of no branch: some servers give it by its name."""
        with suppress(BrokenError):
            fetch_refs(self._remote, self._folder, (f"+{commit}:refs/upkeep/commits/{commit}",), _COMMITS)
        return self._is_there(commit)

    def _is_there(self, commit: str) -> bool:
        try:
            return bool(
                git(["rev-parse", "--verify", "--quiet", "--end-of-options", f"{commit}^{{commit}}"], folder=self._folder)
            )
        except BrokenError:
            return False
