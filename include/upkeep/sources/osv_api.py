"""OSV's API: which advisories are about these packages, and what they say."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote

from upkeep.errors import BrokenError

if TYPE_CHECKING:
    import httpx

PUBLIC = "https://api.osv.dev"
_BATCH = 1000  # queries that the API takes at once
_MOST_PAGES = 1000
_LONGEST_WAIT_S = 60.0
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_REMEDY = "see that the address is right and can be reached from here, or give a folder of dumps"


@dataclass(frozen=True, slots=True)
class Query:
    """One package in one version, as the API names it."""

    ecosystem: str
    name: str
    version: str | None  # None asks about every version

    def body(self, page: str | None) -> dict[str, Any]:
        """As the API takes it."""
        asked: dict[str, Any] = {"package": {"name": self.name, "ecosystem": self.ecosystem}}
        more = (("version", self.version), ("page_token", page))
        return asked | {key: value for key, value in more if value}


class OsvApi:
    """One conversation with the API: connections are kept, busy answers tried again, at most `a_second` calls made."""

    def __init__(
        self,
        address: str,
        *,
        a_second: float = 100,
        tries: int = 5,
        transport: "httpx.BaseTransport | None" = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """`transport` and `wait` are for tests."""
        import httpx

        self.address = address.rstrip("/")
        self._client = httpx.Client(timeout=30, transport=transport, follow_redirects=False)
        self._pause_s, self._tries, self._wait = 1 / a_second, tries, wait

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def documents(self, queries: Sequence[Query]) -> Iterator[Mapping[str, Any]]:
        """Every advisory about any of them, each once. Raises BrokenError when not all could be asked: then nothing is known."""
        for name in sorted(self._names(list(dict.fromkeys(queries)))):
            yield self._call("GET", f"/v1/vulns/{quote(name, safe='')}")

    def _names(self, queries: Sequence[Query]) -> set[str]:
        found: set[str] = set()
        todo: list[tuple[Query, str | None]] = [(query, None) for query in queries]
        pages = 0
        while todo:
            batch, todo = todo[:_BATCH], todo[_BATCH:]
            for (query, before), result in zip(batch, self._results(batch), strict=True):
                found.update(str(one["id"]) for one in result.get("vulns") or ())
                page = result.get("next_page_token")
                pages += bool(page)
                if page and (page == before or pages > _MOST_PAGES):
                    raise BrokenError(f"{self.address} has pages without end about {query.name}", _REMEDY, retry=False)
                todo += [(query, str(page))] if page else []
        return found

    def _results(self, batch: Sequence[tuple[Query, str | None]]) -> list[Mapping[str, Any]]:
        response = self._call("POST", "/v1/querybatch", {"queries": [query.body(page) for query, page in batch]})
        results = response.get("results")
        if not isinstance(results, list) or len(results) != len(batch):
            count = len(results) if isinstance(results, list) else "none"
            raise BrokenError(f"{self.address} answered {count} of {len(batch)} queries", _REMEDY, retry=True)
        return [result or {} for result in results]

    def _call(self, method: str, path: str, body: object = None) -> Mapping[str, Any]:
        response = self._tried(method, path, body)
        try:
            found = response.json()
        except ValueError as error:
            raise BrokenError(f"{self.address}{path} answers with no JSON", _REMEDY, retry=False) from error
        if not isinstance(found, dict):
            raise BrokenError(f"{self.address}{path} answers with something else than an object", _REMEDY, retry=False)
        return found

    def _tried(self, method: str, path: str, body: object) -> "httpx.Response":
        import httpx

        why = ""
        for attempt in range(self._tries):
            self._wait(self._pause_s)
            try:
                response = self._client.request(method, f"{self.address}{path}", json=body)
            except httpx.TransportError as error:
                why = f"{type(error).__name__}: {error}"
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise BrokenError(f"could not ask {self.address}: {error}", _REMEDY, retry=False) from error
            else:
                if response.status_code == httpx.codes.OK:
                    return response
                why = f"HTTP {response.status_code}"
                if response.status_code not in _BUSY:
                    raise BrokenError(f"{self.address}{path} answers {why}", _REMEDY, retry=False)
            if attempt + 1 < self._tries:
                self._wait(_delay(attempt, None if "HTTP" not in why else response.headers.get("retry-after")))
        raise BrokenError(f"could not ask {self.address} in {self._tries} tries: {why}", _REMEDY, retry=True)


def _delay(attempt: int, retry_after: str | None) -> float:
    """Seconds to wait: what the server says, else twice as long each time."""
    seconds = float(retry_after) if retry_after and retry_after.isdecimal() else 0.5 * 2**attempt
    return min(seconds, _LONGEST_WAIT_S)
