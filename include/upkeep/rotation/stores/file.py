"""A file that a deployer applies or an application reads: JSON, plain text, or a Secret manifest of Kubernetes."""

import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, field_validator

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.manifest import read_fields, with_fields
from upkeep.rotation.secret_value import fields_of
from upkeep.rotation.slots import SlotStore
from upkeep.rotation.stages import Place, SecretStore, Stage
from upkeep.sources.connections import Connections

T = TypeVar("T")
_MOUNTED = "..data"  # the link by which a mounted Secret is changed at once
_ACCESS_LIST = "system.posix_acl_access"


class FilePlace(Place):
    """A file; `format: kubernetes` for a manifest whose `data` are the secret's fields."""

    kind: Literal["file"]
    path: str = Field(description="Where it is, the same for every worker")
    format: Literal["text", "kubernetes"] = Field(
        default="text", description="text: JSON or plain; kubernetes: a Secret manifest"
    )

    @field_validator("path")
    @classmethod
    def _whole(cls, path: str) -> str:
        if not Path(path).is_absolute():
            raise ValueError("give the whole path, beginning with /: workers start in folders of their own")
        return path

    @property
    def described(self) -> str:
        """Its path."""
        return self.path

    def open(self, connections: Connections) -> SecretStore:  # noqa: ARG002 - a file needs none
        """The file and its two neighbours."""
        return FileStore(SecretFiles(Path(self.path), kubernetes=self.format == "kubernetes"))


@dataclass(frozen=True, slots=True)
class FileStore(SlotStore):
    """Three files."""

    slots: "SecretFiles"

    def check(self) -> None:
        """Raise CannotAskError for files that could not be replaced."""
        self.slots.assert_replaceable()


@dataclass(frozen=True, slots=True)
class SecretFiles:
    """
    `path`, `path.pending` and `path.previous`, readable by their owner only.

    Each is replaced by a rename, so that a reader sees the old one or the new one; what a killed process leaves beside them has
    another name and is swept away by the next `put`. A link stays one: the file that it leads to is replaced.
    """

    path: Path
    kubernetes: bool = False

    def assert_replaceable(self) -> None:
        """A folder that takes no new file, or that a cluster fills itself, is told before anything is done."""
        if (self.path.parent / _MOUNTED).is_symlink():
            message = f"{self.path} is mounted by Kubernetes, which writes it itself"
            raise CannotAskError(message, "name the Secret's manifest, with format: kubernetes")
        for folder in (self.path.parent, Path(os.path.realpath(self.path)).parent):
            if folder.is_dir() and not os.access(folder, os.W_OK | os.X_OK):
                message = f"no file can be put into {folder}, where the next value would be written"
                raise CannotAskError(message, "let the workers' user write there")

    def get(self, stage: Stage) -> tuple[str, datetime] | None:
        """The text of a file, and when it was written."""
        path = self._of(stage)
        try:
            text, at = _read(path), path.stat().st_mtime
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            raise CannotAskError(f"{path} is no UTF-8 text", "keep the secret as text") from None
        except OSError as error:
            raise _unreadable(path, error) from None
        if not text.strip():
            if stage is Stage.CURRENT:
                raise CannotAskError(f"{path} is empty", "write the secret that works into it")
            return None
        return json.dumps(read_fields(path, text)) if self.kubernetes else text, datetime.fromtimestamp(at, UTC)

    def put(self, stage: Stage, text: str) -> None:
        """Write beside it, then rename."""
        path = self._of(stage)
        whole = with_fields(self.path, _read(self.path), fields_of(text, str(self.path))) if self.kubernetes else text
        _attempt(path, lambda: _replace(path.resolve(), whole, self.path))

    def delete(self, stage: Stage) -> None:
        """Unlink it."""
        path = self._of(stage)
        _attempt(path, lambda: path.unlink(missing_ok=True))

    def _of(self, stage: Stage) -> Path:
        return self.path if stage is Stage.CURRENT else self.path.with_name(f"{self.path.name}.{stage.value}")


def _read(path: Path) -> str:
    """Its text with the line ends that it has."""
    return path.read_bytes().decode()


def _replace(path: Path, text: str, like: Path) -> None:
    for left in path.parent.glob(f".{path.name}.*.new"):
        left.unlink(missing_ok=True)
    handle, made = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
            file.flush()
            os.fsync(file.fileno())
        _give(Path(made), like)
        Path(made).replace(path)
    except BaseException:
        Path(made).unlink(missing_ok=True)
        raise


def _give(made: Path, like: Path) -> None:
    """Owner, group, mode and access list: who may read the secret may read the next one, and nobody else."""
    with suppress(FileNotFoundError):
        if owner_of(like) != owner_of(made):
            _chown(made, *owner_of(like), like)
        made.chmod(like.stat().st_mode & 0o777)
        for name in set(os.listxattr(like)) & {_ACCESS_LIST}:
            os.setxattr(made, name, os.getxattr(like, name))


def owner_of(path: Path) -> tuple[int, int]:
    """User and group."""
    found = path.stat()
    return found.st_uid, found.st_gid


def _chown(made: Path, owner: int, group: int, like: Path) -> None:
    try:
        os.chown(made, owner, group)
    except PermissionError:
        message = f"{like} belongs to another user or group, who could not read what takes its place"
        raise CannotAskError(message, "let the workers' user own it, and be in its group by which applications read it") from None


def _attempt(path: Path, work: Callable[[], T]) -> T:
    try:
        return work()
    except OSError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: OSError) -> BrokenError:
    remedy = "let the workers' user read and write the file and its folder"
    return BrokenError(f"{path}: {error.strerror or type(error).__name__}", remedy, retry=not isinstance(error, PermissionError))
