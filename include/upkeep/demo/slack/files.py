"""Files that were uploaded to the stand-in: announced, brought, then shared, as Slack's three steps are."""

import re
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_LARGEST = 10**7
_PNG = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True, slots=True)
class _Announced:
    name: str
    length: int
    alt: str


class Files:
    """All files, in a folder. What was announced and never brought is forgotten by a restart."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._announced: dict[str, _Announced] = {}

    def announce(self, name: str, length: int, alt: str) -> str | None:
        """The id of a file that may now be brought; None for one without a name or size, or with too long a description."""
        if not name or not 0 < length <= _LARGEST or len(alt) > 1_000:  # noqa: PLR2004 - Slack's limit
            return None
        file = f"F{secrets.token_hex(5).upper()}"
        self._announced[file] = _Announced(name, length, alt)
        return file

    def keep(self, file: str, content: bytes) -> bool:
        """Store what was brought; False unless it was announced, of this length, and a picture."""
        expected = self._announced.get(file)
        if expected is None or len(content) != expected.length or not content.startswith(_PNG):
            return False
        self._folder.mkdir(parents=True, exist_ok=True)
        (self._folder / file).write_bytes(content)
        return True

    def shared(self, file: str, title: str) -> dict[str, Any] | None:
        """What Slack tells of a file that was brought; None where none was."""
        about = self._announced.get(file)
        if about is None or self.content(file) is None:
            return None
        return {"id": file, "name": about.name, "title": title or about.name, "alt_txt": about.alt, "mimetype": "image/png"}

    def content(self, file: str) -> bytes | None:
        """Its bytes."""
        path = self._folder / file
        return path.read_bytes() if re.fullmatch("F[0-9A-F]{10}", file) and path.is_file() else None
