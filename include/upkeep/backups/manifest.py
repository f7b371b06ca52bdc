"""
The manifest: what a backup holds, measured in the same snapshot as its dump. Stored last, as `manifest.json`.

It is JSON with one key `sha256` over the rest, so that a damaged manifest is known by itself; the report database keeps that sum
too, so that an exchanged one is known as well.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from functools import cached_property
from operator import attrgetter
from typing import Any, Self

from upkeep.errors import UpkeepError

NAME = "manifest.json"
FORMAT = 2


class DamagedError(UpkeepError):
    """A backup is not what its manifest, its name or the report database says; the message lists every difference."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One object of the backup: its size and SHA-256 as stored (compressed, encrypted), and its size before that."""

    name: str
    bytes: int
    sha256: str
    raw_bytes: int


@dataclass(frozen=True, slots=True)
class Content:
    """
    Rows of one table, or the large objects, in the snapshot.

    `key` is the quoted qualified name, `name` its parts; `digest` a multiset hash of the rows as COPY writes the `columns`.
    `objects` hold the rows. `condition` limits those of an extension's table. Rows are loaded, and compared, through `root` where
    their partition may be another in the copy.
    """

    key: str
    rows: int
    digest: str
    name: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    objects: tuple[str, ...] = ()
    condition: str = ""
    of_extension: bool = False
    root: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """
    One object of the database's catalog.

    `kind` and `key` name it, `owner` and `grants` are roles, `definition` what it is; a definition whose wording depends on the
    server's major version has `worded` set.
    """

    kind: str
    key: str
    owner: str = ""
    grants: tuple[str, ...] = ()
    definition: str = ""
    worded: bool = False


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """
    Everything known about one backup. Times are aware UTC; versions are major numbers of server and client.

    `kinds` counts the entries of the catalog by kind; the `entries` themselves are in an object of their own.
    """

    id: str
    target: str
    database: Mapping[str, Any]
    system_identifier: str
    encoding: str
    server_version: int
    client_version: int
    begun_at: datetime
    snapshot_at: datetime
    objects: tuple[StoredObject, ...]
    contents: tuple[Content, ...]
    sequences: Mapping[str, str]
    kinds: Mapping[str, int] = field(default_factory=dict)
    entries: tuple[Entry, ...] = ()
    roles: tuple[Mapping[str, Any], ...] = ()
    not_covered: tuple[str, ...] = ()
    encrypted_to: tuple[str, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)
    format: int = FORMAT

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(content.rows for content in self.contents)

    @property
    def stored_bytes(self) -> int:
        """Bytes of all objects in the store."""
        return sum(stored.bytes for stored in self.objects)

    @property
    def raw_bytes(self) -> int:
        """Bytes of all objects before compression."""
        return sum(stored.raw_bytes for stored in self.objects)

    def to_json(self) -> bytes:
        """The stored form, with its checksum and without the entries."""
        plain = self._plain()
        return json.dumps({**plain, "sha256": self.sha256}, sort_keys=True, ensure_ascii=False).encode()

    @cached_property
    def sha256(self) -> str:
        """The checksum that the stored form carries."""
        return _sum(self._plain())

    def _plain(self) -> dict[str, Any]:
        plain = {each.name: getattr(self, each.name) for each in fields(self) if each.name != "entries"}
        lists = {"objects": _dicts(StoredObject, self.objects), "contents": _dicts(Content, self.contents)}
        times = {name: plain[name].isoformat() for name in ("begun_at", "snapshot_at")}
        return {**plain, **lists, **times}

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read the stored form. Raises DamagedError when it is not whole, not ours or of another format."""
        try:
            plain = json.loads(data)
            digest, version = plain.pop("sha256"), plain["format"]
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            raise DamagedError(f"{NAME} is no manifest: {error}") from error
        if _sum(plain) != digest:
            raise DamagedError(f"{NAME} is damaged: its content does not fit its own checksum")
        if version != FORMAT:
            raise DamagedError(f"{NAME} has format {version}; this Upkeep reads format {FORMAT}: use the version that wrote it")
        try:
            return cls(**{**plain, **_typed(plain)})
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            raise DamagedError(f"{NAME} lacks what a manifest has, or has it in another form: {error}") from error


def _typed(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "begun_at": datetime.fromisoformat(plain["begun_at"]),
        "snapshot_at": datetime.fromisoformat(plain["snapshot_at"]),
        "objects": tuple(StoredObject(**each) for each in plain["objects"]),
        "contents": tuple(Content(**_tuples(each)) for each in plain["contents"]),
        "roles": tuple(plain["roles"]),
        "not_covered": tuple(plain["not_covered"]),
        "encrypted_to": tuple(plain["encrypted_to"]),
    }


def _dicts(kind: type[StoredObject | Content], values: tuple[Any, ...]) -> list[dict[str, Any]]:
    names = [each.name for each in fields(kind)]
    parts = attrgetter(*names)
    return [dict(zip(names, parts(value), strict=True)) for value in values]


def _tuples(plain: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in plain.items()}


def _sum(plain: Any) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=True).encode()).hexdigest()
