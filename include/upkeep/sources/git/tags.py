"""Tags of a repository with the commits that they name; of a remote one only commits and tags are fetched."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from upkeep.sources.git.cache import copy_of
from upkeep.sources.git.command import git
from upkeep.sources.git.history import Remote, fetch_refs
from upkeep.sources.git.login import GitLogin

_FIELDS = (
    "refname:strip=2",
    "creatordate:unix",
    "objectname",
    "committerdate:unix",
    "*objectname",
    "*committerdate:unix",
    "taggername",
)
_SEPARATOR = "%1f"


@dataclass(frozen=True, slots=True)
class Tag:
    """One tag. `at` is its own time where it has one, else its commit's."""

    name: str
    at: datetime
    commit_id: str
    committed_at: datetime
    by: str | None


def tags(folder: Path, pattern: str) -> list[Tag]:
    """The tags of commits whose names fit a pattern, by their time."""
    args = ["for-each-ref", f"--format={_SEPARATOR.join(f'%({name})' for name in _FIELDS)}", f"refs/tags/{pattern}"]
    lines = git(args, folder=folder).decode(errors="replace").splitlines()
    found = [tag for line in lines if (tag := _tag(line.split("\x1f", len(_FIELDS) - 1)))]
    return sorted(found, key=lambda tag: (tag.at, tag.name))


def fetched_tags(url: str, login: GitLogin) -> Path:
    """A copy with the commits and tags of a repository, up to date. May be killed anywhere and run again. Raises BrokenError."""
    remote, copy = Remote(url, login), copy_of(f"tags of {url}")
    refs = ("+refs/tags/*:refs/tags/*", "+HEAD:refs/upkeep/HEAD")
    fetch_refs(remote, copy, refs, "--prune", "--filter=tree:0")
    return copy


def _tag(fields: list[str]) -> Tag | None:
    """None for a tag of something else than a commit."""
    name, at, own, own_at, named, named_at, by = fields
    commit, committed = (named, named_at) if named else (own, own_at)
    if not (at and commit and committed):
        return None
    return Tag(name, _moment(at), commit, _moment(committed), by or None)


def _moment(seconds: str) -> datetime:
    return datetime.fromtimestamp(int(seconds), UTC)
