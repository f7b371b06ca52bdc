"""A repository's files at the window's end."""

from collections.abc import Iterator

from upkeep.errors import CannotAskError
from upkeep.given.asked import Asked, provides
from upkeep.sources.repository import Repository
from upkeep.targets.repository import CodeRepository
from upkeep.window import is_latest


@provides(Repository)
def repository(asked: Asked) -> Iterator[Repository]:
    """
    Its tree, counted against `at_once`.

    Raises CannotAskError when the target is no repository, or has no history and the window is past.
    """
    target = asked.target
    if not isinstance(target, CodeRepository):
        raise CannotAskError(f"{asked.duty.name} reads lockfiles, but {target.name} is no repository")
    if not target.has_history and (asked.replay or not is_latest(asked.window, asked.provenance.asked_at)):
        raise CannotAskError(f"present only: {target.path} is a folder without history", "keep it in a git repository")
    with asked.turn(), target.at(asked.window.end, asked.connections) as found:
        yield found
