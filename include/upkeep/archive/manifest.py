"""
The manifest of one archived batch: which rows, of which table in which form, and what proves its file.

JSON with a `sha256` of the rest, so that a damaged one is known by itself.
"""

import builtins
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Self

from upkeep.archive.columns import Column
from upkeep.errors import UpkeepError

FORMAT = 2


class DamagedError(UpkeepError):
    """A file or manifest of the archive is not what it was; the message says which and how."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """
    One batch. `part` is the folder under `rows/`, `relation` the table or partition that the rows were in, `key` its primary key.

    `digest` is of the rows' content as it was sent, in their order; `sha256` and `bytes` are the file's own. `oldest` and
    `newest` are values of `column` as text. `window_start` and `window_end` are those of the run that archived it.
    """

    id: str
    target: str
    table: str
    relation: str
    column: str
    part: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rows: int
    digest: str
    bytes: int
    sha256: str
    oldest: str
    newest: str
    copied_at: datetime
    window_start: datetime
    window_end: datetime
    server_version: int
    format: int = FORMAT

    @property
    def file(self) -> str:
        """The name of its file below the table's folder."""
        return f"rows/{self.part}/{self.id}.parquet"

    def to_json(self) -> "builtins.bytes":
        """The stored form, with its checksum."""
        plain = self._plain()
        return json.dumps({**plain, "manifest_sha256": _sum(plain)}, sort_keys=True, ensure_ascii=False, indent=1).encode()

    def _plain(self) -> dict[str, Any]:
        plain = {each.name: getattr(self, each.name) for each in fields(self)}
        times = {name: plain[name].isoformat() for name in _TIMES}
        return {**plain, **times, "columns": [c.to_json() for c in self.columns], "key": list(self.key)}

    @classmethod
    def parse(cls, data: "builtins.bytes", name: str) -> Self:
        """Read the stored form. Raises DamagedError, with the object's name, when it is not whole or not ours."""
        try:
            plain = json.loads(data)
            digest = plain.pop("manifest_sha256")
            if _sum(plain) != digest:
                raise DamagedError(f"{name} is damaged: its content does not fit its own checksum")
            if plain["format"] != FORMAT:
                raise DamagedError(f"{name} has format {plain['format']}; this Upkeep reads format {FORMAT}")
            return cls(**{**plain, **_typed(plain)})
        except (ValueError, LookupError, AttributeError, TypeError) as error:
            raise DamagedError(f"{name} is no manifest of an archive: {error}") from error


_TIMES = ("copied_at", "window_start", "window_end")


def _typed(plain: Mapping[str, Any]) -> dict[str, Any]:
    times = {name: datetime.fromisoformat(plain[name]) for name in _TIMES}
    return {**times, "columns": tuple(Column(**each) for each in plain["columns"]), "key": tuple(plain["key"])}


def _sum(plain: Any) -> str:
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=True).encode()).hexdigest()
