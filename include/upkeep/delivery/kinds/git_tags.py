"""Tags of a git repository as deployments, for services that are live once they are tagged."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import Field, model_validator

from upkeep.delivery.deployed import Change, Deployed, Outcome
from upkeep.delivery.place import DeploymentPlace
from upkeep.errors import BrokenError, CannotAskError
from upkeep.field_types import ConnectionId
from upkeep.humanize import plural
from upkeep.sources.connections import Connections
from upkeep.sources.git.command import git
from upkeep.sources.git.login import login_of
from upkeep.sources.git.tags import Tag, fetched_tags, tags
from upkeep.sources.repository import git_folder
from upkeep.window import Window

SOURCE = "git tags"
_COMMIT = re.compile(r"[0-9a-f]{7,64}")


class GitTagsPlace(DeploymentPlace):
    """A repository whose tags of one pattern are releases; a tag's own time is when it went live."""

    kind: Literal["git_tags"]
    url: str | None = Field(
        default=None, pattern=r"^(https://|ssh://|[\w.-]+@[A-Za-z0-9])\S+$", description="Address of the repository"
    )
    path: str | None = Field(default=None, min_length=1, description="Folder of a repository on this machine, instead of `url`")
    connection: ConnectionId | None = Field(default=None, description="Airflow connection with a token or a key, for `url`")
    pattern: str = Field(default="v*", min_length=1, max_length=100, description="Tags that are deployments, such as v*")

    @model_validator(mode="after")
    def _one_place(self) -> "GitTagsPlace":
        if (self.url is None) == (self.path is None):
            raise ValueError("say where it is: either `url` or `path`")
        return self

    @property
    def described(self) -> str:
        """The repository."""
        return f"tags {self.pattern} of {self.url or self.path}"

    def open(self, connections: Connections) -> "TagDeployments":
        """Nothing is asked yet."""
        return TagDeployments(self, connections)


@dataclass(frozen=True, slots=True)
class TagDeployments:
    """What the repository's tags tell."""

    place: GitTagsPlace
    connections: Connections

    def check(self) -> str:
        """How many tags there are, and the newest."""
        with self._folder() as folder:
            found = tags(folder, self.place.pattern)
        newest = f"; the newest is {found[-1].name} of {found[-1].at:%Y-%m-%d}" if found else ""
        return f"{plural(len(found), 'tag')} {self.place.pattern}{newest}"

    def deployed(self, window: Window) -> Iterator[Deployed]:
        """The tags of the window, the oldest first."""
        with self._folder() as folder:
            found = [tag for tag in tags(folder, self.place.pattern) if window.start <= tag.at < window.end]
        yield from (self._one(tag) for tag in found)

    def changes(self, base: str, head: str) -> list[Change]:
        """Commits that came between. Raises CannotAskError for a commit that the repository lacks."""
        if not (_COMMIT.fullmatch(base) and _COMMIT.fullmatch(head)):
            raise CannotAskError(f"{base} or {head} is no commit")
        try:
            with self._folder() as folder:
                told = git(["rev-list", "--format=%H %ct", "--no-commit-header", f"{base}..{head}"], folder=folder).decode()
        except BrokenError as error:
            if "bad object" in error.reason or "Invalid revision" in error.reason:
                raise CannotAskError(f"{self.place.described} has no {base} or no {head}") from error
            raise
        pairs = [line.split() for line in told.splitlines()]
        return [Change(commit, datetime.fromtimestamp(int(seconds), UTC)) for commit, seconds in pairs]

    @contextmanager
    def _folder(self) -> Iterator[Path]:
        if self.place.url is not None:
            yield fetched_tags(self.place.url, login_of(self.connections, self.place.connection))
            return
        path = Path(self.place.path or "")
        folder = git_folder(path)
        if folder is None and (path / ".git").is_file():
            raise CannotAskError(f"{path} is a worktree or submodule of another repository", "name that repository itself")
        if folder is None:
            raise CannotAskError(f"{self.place.path} is no git repository", "correct the path")
        yield folder

    def _one(self, tag: Tag) -> Deployed:
        return Deployed(
            environment=self.place.environment,
            deployment=tag.name,
            started_at=tag.at,
            finished_at=tag.at,
            status=Outcome.SUCCEEDED,
            source=SOURCE,
            version=tag.name,
            commit_id=tag.commit_id,
            committed_at=tag.committed_at,
            unplanned=self.place.is_unplanned(tag.name),
            deployed_by=tag.by,
        )
