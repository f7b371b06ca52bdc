"""Answers of forges that carry an ETag, in a private folder that any worker can make anew."""

import hashlib
import json
import os
import tempfile
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from upkeep.sources.worker_cache import private_folder

SETTING = "UPKEEP_FORGE_CACHE"
_DAYS = 30


@dataclass(frozen=True, slots=True)
class Kept:
    """One answer: its ETag, where its next page is, and what it said."""

    etag: str | None
    next_url: str | None
    body: Any


@dataclass(frozen=True, slots=True)
class ForgeCache:
    """The answers that one token was given; another token does not see them."""

    folder: Path
    reader: str

    @classmethod
    def of(cls, token: str | None) -> Self:
        """That of a token. Old answers go. Raises BrokenError when the folder is another's."""
        folder = private_folder(SETTING, "upkeep-forge")
        old = time.time() - _DAYS * 86_400
        for path in folder.iterdir():
            with suppress(OSError):  # another worker was first
                if path.stat().st_mtime < old:
                    path.unlink()
        return cls(folder, hashlib.sha256(f"upkeep {token or ''}".encode()).hexdigest())

    def get(self, url: str) -> Kept | None:
        """What was kept of this address; None when there is nothing, or nothing readable."""
        try:
            return Kept(**json.loads(self._path(url).read_bytes()))
        except (OSError, ValueError, TypeError):
            return None

    def put(self, url: str, page: Kept) -> None:
        """Keep an answer that has an ETag, whole or not at all."""
        if page.etag is None:
            return
        handle, name = tempfile.mkstemp(dir=self.folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(asdict(page), file)
        Path(name).replace(self._path(url))

    def _path(self, url: str) -> Path:
        return self.folder / hashlib.sha256(f"{self.reader} {url}".encode()).hexdigest()
