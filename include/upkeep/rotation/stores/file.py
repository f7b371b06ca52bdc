"""A file that a deployer applies or an application reads: JSON, plain text, or a Secret manifest of Kubernetes."""

import base64
import json
import os
import tempfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, field_validator

from upkeep.errors import BrokenError, CannotAskError
from upkeep.rotation.slots import SlotStore
from upkeep.rotation.stages import Place, SecretStore, Stage
from upkeep.sources.connections import Connections

T = TypeVar("T")
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
        return SlotStore(SecretFiles(Path(self.path), kubernetes=self.format == "kubernetes"))


@dataclass(frozen=True, slots=True)
class SecretFiles:
    """
    `path`, `path.pending` and `path.previous`, readable by their owner only.

    Each is replaced by a rename, so that a reader sees the old one or the new one; what a killed process leaves beside them has
    another name and is swept away by the next `put`. A link stays one: the file that it leads to is replaced.
    """

    path: Path
    kubernetes: bool = False

    def get(self, stage: Stage) -> tuple[str, datetime] | None:
        """The text of a file, and when it was written."""
        path = self._of(stage)
        try:
            text, at = path.read_text(encoding="utf-8"), path.stat().st_mtime
        except FileNotFoundError:
            return None
        except UnicodeDecodeError:
            raise CannotAskError(f"{path} is no UTF-8 text", "keep the secret as text") from None
        except OSError as error:
            raise _unreadable(path, error) from None
        if stage is Stage.CURRENT and not text.strip():
            raise CannotAskError(f"{path} is empty", "write the secret that works into it")
        return self._fields(path, text) if self.kubernetes else text, datetime.fromtimestamp(at, UTC)

    def put(self, stage: Stage, text: str) -> None:
        """Write beside it, then rename."""
        path = self._of(stage)
        whole = self._manifest(text) if self.kubernetes else text
        _attempt(path, lambda: _replace(path.resolve(), whole, self.path))

    def delete(self, stage: Stage) -> None:
        """Unlink it."""
        path = self._of(stage)
        _attempt(path, lambda: path.unlink(missing_ok=True))

    def _of(self, stage: Stage) -> Path:
        return self.path if stage is Stage.CURRENT else self.path.with_name(f"{self.path.name}.{stage.value}")

    def _fields(self, path: Path, text: str) -> str:
        document = _document(path, text)
        try:
            data = {name: base64.b64decode(value, validate=True).decode() for name, value in (document.get("data") or {}).items()}
        except ValueError:
            raise CannotAskError(f"{path} has data that is no text in base64", "keep the secret's fields as text") from None
        return json.dumps(data | (document.get("stringData") or {}))

    def _manifest(self, text: str) -> str:
        """The manifest as it stands, with these fields in place of its own."""
        import yaml

        document = _document(self.path, self.path.read_text(encoding="utf-8"))
        document.pop("stringData", None)
        document["data"] = {name: base64.b64encode(str(value).encode()).decode() for name, value in json.loads(text).items()}
        return str(yaml.safe_dump(document, sort_keys=False))


def _document(path: Path, text: str) -> dict[str, Any]:
    import yaml

    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError:
        found = None
    if not isinstance(found, dict) or found.get("kind") != "Secret":
        raise CannotAskError(
            f"{path} is no Secret manifest: one document of kind Secret is expected", "correct the file, or its format"
        )
    if found.get("immutable"):
        raise CannotAskError(
            f"{path} is immutable: a cluster takes no other value of it", "take immutable out, and apply it once"
        )
    return found


def _replace(path: Path, text: str, like: Path) -> None:
    for left in path.parent.glob(f".{path.name}.*.new"):
        left.unlink(missing_ok=True)
    handle, made = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".new", dir=path.parent)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    try:
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
