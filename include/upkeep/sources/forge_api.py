"""The REST APIs of GitHub and GitLab: pages, limits, and answers that did not change since."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import urlsplit

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.forge import Item, entries
from upkeep.sources.forge_cache import ForgeCache, Kept
from upkeep.sources.http_json import asked_to_wait

if TYPE_CHECKING:
    import httpx

_MOST_PAGES = 1000
_LONGEST_WAIT_S = 900.0
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})
_SECONDARY_S = 60.0
_MOVED = dict.fromkeys((301, 302, 307, 308), "name what it is called now: it was renamed or moved")
_REMEDIES = _MOVED | {401: "give the connection a valid token", 403: "give the token the right to read deployments and contents"}
_AWAY = "see that the address is right and can be reached from here"


class ForgeApi:
    """
    One conversation about a repository or project below `address`.

    An answer with an ETag is kept and asked for again only if it changed, which GitHub does not count. A limit that ends within
    a quarter of an hour is waited for. The token goes to this server and no other, wherever a page's link leads: a link names a
    repository by its number, where it was asked for by its name.
    """

    def __init__(
        self,
        address: str,
        token: str | None,
        *,
        tries: int = 5,
        transport: "httpx.BaseTransport | None" = None,
        wait: Callable[[float], None] = time.sleep,
        now: Callable[[], float] = time.time,
    ) -> None:
        """`transport`, `wait` and `now` are for tests."""
        import httpx

        self.address = address.rstrip("/")
        headers = {"Accept": "application/json", "User-Agent": "upkeep"} | ({"Authorization": f"Bearer {token}"} if token else {})
        self._client = httpx.Client(timeout=30, transport=transport, follow_redirects=False, headers=headers)
        self._cache, self._tries, self._wait, self._now = ForgeCache.of(token), tries, wait, now

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._client.close()

    def listed(self, path: str, params: Mapping[str, str] | None = None, *, within: str = "") -> Iterator[Item]:
        """The entries of all pages. Raises CannotAskError for a path that is not there, BrokenError for all else."""
        import httpx

        url: str | None = str(httpx.URL(f"{self.address}/{path}", params={"per_page": "100", **(params or {})}))
        for _ in range(_MOST_PAGES):
            if url is None:
                return
            page = self._page(url)
            yield from entries(page.body, within, url)
            url = self._inside(page.next_url)
        raise BrokenError(f"{self.address}/{path} has pages without end", _AWAY, retry=False)

    def _page(self, url: str) -> Kept:
        kept = self._cache.get(url)
        response = self._tried(url, kept)
        if kept is not None and response.status_code == 304:  # noqa: PLR2004 - not modified
            return kept
        page = Kept(response.headers.get("etag"), response.links.get("next", {}).get("url"), self._json(response, url))
        self._cache.put(url, page)
        return page

    def _inside(self, url: str | None) -> str | None:
        if url is not None and _server(url) != _server(self.address):
            raise BrokenError(f"{self.address} leads to pages elsewhere: {url.partition('?')[0]}", _AWAY, retry=False)
        return url

    def _json(self, response: "httpx.Response", url: str) -> Any:
        try:
            return response.json()
        except ValueError as error:
            raise BrokenError(f"{url.partition('?')[0]} answers with no JSON", _AWAY, retry=False) from error

    def _tried(self, url: str, kept: Kept | None) -> "httpx.Response":
        import httpx

        why, pause = "", 0.0
        for attempt in range(self._tries):
            try:
                response = self._client.get(url, headers={"If-None-Match": kept.etag} if kept and kept.etag else {})
            except httpx.TransportError as error:
                why, pause = f"{type(error).__name__}: {error}", 0.5 * 2**attempt
            except (httpx.HTTPError, httpx.InvalidURL) as error:
                raise BrokenError(f"could not ask {self.address}: {error}", _AWAY, retry=False) from error
            else:
                limited = _limited(response)
                if not limited and response.status_code not in _BUSY:
                    return self._well(response, url)
                why = "its limit of calls is reached" if limited else f"HTTP {response.status_code}"
                pause = self._pause(response, attempt)
            if pause > _LONGEST_WAIT_S:
                break
            if attempt + 1 < self._tries:
                self._wait(pause)
        raise BrokenError(f"could not ask {self.address}: {why}", _AWAY, retry=True)

    def _well(self, response: "httpx.Response", url: str) -> "httpx.Response":
        status, where = response.status_code, url.partition("?")[0]
        if status in {200, 304}:
            return response
        if status in {404, 410}:
            raise CannotAskError(
                f"{where} is not there (HTTP {status})", "correct the name, or let the connection's token see it"
            )
        raise BrokenError(f"{where} answers HTTP {status}", _REMEDIES.get(status, _AWAY), retry=False)

    def _pause(self, response: "httpx.Response", attempt: int) -> float:
        """Seconds that the server asks for, else twice as long each time."""
        after, reset = asked_to_wait(response), response.headers.get("x-ratelimit-reset", "")
        if after is not None:
            return max(0.0, after)
        reset = reset or response.headers.get("ratelimit-reset", "")
        if _secondary(response):
            return _SECONDARY_S * 2.0**attempt
        return max(1.0, float(reset) - self._now()) if reset.isdecimal() and _limited(response) else 0.5 * 2**attempt


def _limited(response: "httpx.Response") -> bool:
    """Whether the calls of this hour are used up: 429, or GitHub's 403 with none remaining or a time to wait."""
    headers = response.headers
    spent = headers.get("x-ratelimit-remaining") == "0" or "retry-after" in headers or _secondary(response)
    return response.status_code == 429 or (response.status_code == 403 and spent)  # noqa: PLR2004 - too many, forbidden


def _secondary(response: "httpx.Response") -> bool:
    """Whether too much was asked in a moment, which GitHub tells in words alone, and wants a minute's rest for."""
    told = "x-ratelimit-remaining" in response.headers and response.headers["x-ratelimit-remaining"] == "0"
    return response.status_code == 403 and not told and "rate limit" in response.text.lower()  # noqa: PLR2004 - forbidden


def _server(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()
