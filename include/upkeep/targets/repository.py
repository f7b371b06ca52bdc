"""A repository whose lockfiles are read: on a server, on this machine, or a folder of SBOMs."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from upkeep.errors import UpkeepError
from upkeep.field_types import ConnectionId
from upkeep.humanize import plural
from upkeep.need import Need
from upkeep.sources.connections import Connections
from upkeep.sources.git.history import Remote
from upkeep.sources.git.login import login_of, url_is_ssh
from upkeep.sources.repository import Repository, folder_repository, git_folder, local_repository, remote_repository
from upkeep.targets.diagnosis import Diagnosis, Level
from upkeep.targets.target import Target

_SCP = re.compile(r"[\w.-]+@[A-Za-z0-9][\w.-]*:(?!//)[^\s\-][^\s]*")
_BAD_BRANCH = re.compile(r"^[-/.]|\.\.|//|@\{|[\x00-\x20\x7f~^:?*\[\\]|/\.|\.lock(?:/|$)|[/.]$|^@$")
_VULNERABILITIES = "vulnerabilities"  # the duty that has days for each severity
_HERE = frozenset(["127.0.0.1", "localhost", "::1"])


def _address(text: str) -> str:
    parts = urlsplit(text)
    if _SCP.fullmatch(text):
        return text
    if parts.scheme not in {"https", "ssh"} and not (parts.scheme == "http" and parts.hostname in _HERE):
        raise ValueError("expected https://host/path, ssh://git@host/path or git@host:path")
    if not parts.hostname or parts.hostname.startswith("-") or not text.isprintable() or " " in text:
        raise ValueError("expected a host and a path, without spaces")
    if parts.password or (parts.username and parts.scheme != "ssh"):
        raise ValueError("an address has no login in it: secrets are in Airflow connections")
    if (parts.username or "").startswith("-"):
        raise ValueError("no user begins with a dash")
    return text


def _branch(text: str) -> str:
    if _BAD_BRANCH.search(text) or not text.isprintable():
        raise ValueError("no branch of git can be called so")
    return text


def _fewest(by_tag: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Of each severity that any tag names the fewest days, as thresholds."""
    severities = {severity for days in by_tag for severity in days}
    return {f"{severity}_days": min(days[severity] for days in by_tag if severity in days) for severity in severities}


class CodeRepository(Target):
    """One repository: `url` on a git server, or `path` of one on this machine or of a folder of lockfiles and SBOMs."""

    section: ClassVar[str] = "repositories"

    url: Annotated[str, AfterValidator(_address)] | None = Field(
        default=None, description="https://host/path, ssh://git@host/path or git@host:path; fetched into a cache, never run"
    )
    path: str | None = Field(
        default=None, min_length=1, description="Folder of this machine: a git repository, or lockfiles and SBOMs as they are now"
    )
    connection: ConnectionId | None = Field(
        default=None, description="Airflow connection with a token (password) for HTTPS, or private_key in its extra for SSH"
    )
    branch: Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_branch)] | None = Field(
        default=None, description="Branch that is live; by default the server's own"
    )
    ignore: tuple[str, ...] = Field(
        default=(), description="Paths that are passed over, such as tests/fixtures/*: a star stands for anything, slashes too"
    )

    @model_validator(mode="after")
    def _one_place(self) -> "CodeRepository":
        if (self.url is None) == (self.path is None):
            raise ValueError("say where it is: either `url` or `path`")
        if self.path is not None and self.connection is not None:
            raise ValueError("a path needs no connection")
        return self

    def with_defaults(self, settings: Mapping[str, Any]) -> Self:
        """With the days that its tags give for faults of packages; thresholds of its own hold before them."""
        days = _fewest([given for tag, given in settings.get("vulnerability_days", {}).items() if tag in self.tags])
        own = {**days, **self.thresholds.get(_VULNERABILITIES, {})}
        return self.model_copy(update={"thresholds": {**self.thresholds, _VULNERABILITIES: own}}) if days else self

    def remote(self, connections: Connections) -> Remote:
        """The repository on its server. Raises BrokenError when its connection cannot be had."""
        return Remote(self.url or "", login_of(connections, self.connection), self.branch)

    def at(self, end: datetime, connections: Connections) -> AbstractContextManager[Repository]:
        """
        Its files at the end of a window, while inside; a folder without history gives them as they are now.

        Raises CannotAskError and BrokenError, saying why they cannot be had.
        """
        if self.path is None:
            return remote_repository(self.name, self.remote(connections), end, self.ignore)
        if git_folder(Path(self.path)) is None:
            return nullcontext(folder_repository(self.name, Path(self.path), self.ignore))
        return local_repository(self.name, Path(self.path), end, self.branch, self.ignore)

    @property
    def has_history(self) -> bool:
        """Whether a past day can be asked about."""
        return self.path is None or git_folder(Path(self.path)) is not None

    def examine(self, connections: Connections, needs: Sequence[Need]) -> Iterator[Diagnosis]:  # noqa: ARG002 - it has none
        """Reach it, and count what can be read there now."""
        field = "url" if self.url else "path"
        try:
            with self.at(datetime.now(UTC), connections) as repository:
                yield from self._found(repository, field)
        except UpkeepError as error:
            remedy = getattr(error, "remedy", "")
            yield Diagnosis(
                subject=self.name, about="reachable", level=Level.NO, text=str(error), remedy=remedy, field=field, unmet=None
            )

    def _found(self, repository: Repository, field: str) -> Iterator[Diagnosis]:
        how = "by SSH" if self.url and url_is_ssh(self.url) else self.url or self.path
        at = f" at {repository.commit.id[:10]} of {repository.commit.at:%Y-%m-%d}" if repository.commit else ", without history"
        yield Diagnosis(subject=self.name, about="reachable", level=Level.OK, text=f"read {how}{at}", field=field)
        files = repository.lockfiles()
        yield Diagnosis(
            subject=self.name,
            about="lockfiles",
            level=Level.OK if files else Level.NO,
            text=f"{plural(len(files), 'file')} to read: {', '.join(files[:5])}{' …' if len(files) > 5 else ''}"  # noqa: PLR2004
            if files
            else "no lockfile, SBOM or package database was found",
            remedy=""
            if files
            else "commit the lockfiles, name the branch that has them, or remove the repository from the inventory",
            field=field,
            unmet=() if files else None,
        )
        if modules := repository.tree.submodules():
            text = f"{plural(len(modules), 'submodule')} not read: {', '.join(modules[:5])}"
            yield Diagnosis(
                subject=self.name,
                about="submodules",
                level=Level.NOTE,
                text=text,
                remedy="name each as a repository",
                field=field,
            )
