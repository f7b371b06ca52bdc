"""GitHub and GitLab as duties read them: lists by path, from their API or from files with the same JSON."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.objects import ObjectStore

Item = Mapping[str, Any]


class Forge(Protocol):
    """What one repository or project tells. Raises BrokenError when it is away."""

    def listed(self, path: str, params: Mapping[str, str] | None = None, *, within: str = "") -> Iterator[Item]:
        """
        The entries of a list, page after page; `within` names the field that holds it where a page is an object.

        Raises CannotAskError when there is nothing at this path.
        """
        ...


def entries(page: Any, within: str, where: str) -> list[Item]:
    """The entries of one page. Raises BrokenError when it is of another shape."""
    found = page.get(within) if within and isinstance(page, dict) else page
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise BrokenError(
            f"{where} holds something else than a list", "see that it is the answer of the API for this path", retry=False
        )
    return found


@dataclass(frozen=True, slots=True)
class FileForge:
    """
    Answers of the API kept as files: what the API has at `deployments/7/statuses` is in `deployments/7/statuses.json`.

    Further pages are in `…-2.json`, `…-3.json`.
    """

    store: ObjectStore

    def listed(self, path: str, params: Mapping[str, str] | None = None, *, within: str = "") -> Iterator[Item]:  # noqa: ARG002 - a file is not asked
        """The entries of all its pages."""
        pages = self._pages(path)
        if not pages:
            raise CannotAskError(f"{self.store.url} has no {path}.json", "keep the API's answer for this path there")
        for name in pages:
            yield from entries(self._json(name), within, f"{self.store.url.rstrip('/')}/{name}")

    def _pages(self, path: str) -> list[str]:
        fits = re.compile(re.escape(path) + r"(?:-(\d+))?\.json")
        found = [(int(match[1] or 1), name) for name in self.store.sizes() if (match := fits.fullmatch(name))]
        return [name for _, name in sorted(found)]

    def _json(self, name: str) -> Any:
        try:
            return json.loads(self.store.get(name))
        except ValueError as error:
            raise BrokenError(f"{self.store.url.rstrip('/')}/{name} is no JSON: {error}", "write it anew", retry=False) from error
