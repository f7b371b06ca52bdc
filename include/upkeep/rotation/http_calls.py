"""Calls of an HTTP API that keeps or takes secrets: what goes wrong is told by method, path and status, never by content."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from upkeep.errors import BrokenError, CannotAskError
from upkeep.sources.http_address import HttpAddress

if TYPE_CHECKING:
    import httpx

_DENIED, _LIMITED, _BROKEN = {401, 403}, 429, 500
_ELSEWHERE = range(300, 400)


@dataclass(frozen=True, slots=True)
class Reply:
    """A status, and the JSON object that came with it, empty where there was none."""

    status: int
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class HttpCalls:
    """
    The API at an address. `denied` is what to do when a call is not allowed; `transport` is for tests.

    What is done is answered by a JSON object or by nothing: a page comes from something in between, which did not pass the call
    on. `any_content` is for APIs that answer as they like.
    """

    address: HttpAddress
    denied: str
    transport: "httpx.BaseTransport | None" = None
    any_content: bool = False

    def ask(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        *,
        passing: Collection[int] = (),
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """
        The reply to one request. A status of 300 or more is raised, unless it is in `passing`.

        Raises CannotAskError when it is not allowed, and BrokenError, with retry when the API is away, busy or sealed.
        """
        import httpx

        try:
            with self.address.client(transport=self.transport) as client:
                found = client.request(method, path, json=body, headers=dict(headers or {}))
        except httpx.HTTPError as error:
            what = f"{self.address.url}: {method} {path} had no answer ({type(error).__name__})"
            raise BrokenError(what, "see whether it runs and can be reached", retry=True) from None
        if not found.is_success and found.status_code not in passing:
            raise self._refused(method, path, found.status_code)
        body = _object(found)
        if body is None and found.is_success and not self.any_content:
            what = f"{self.address.url}: {method} {path} answered {found.status_code} without a JSON object"
            raise BrokenError(what, "see what answers there: a proxy or a page to sign in, perhaps", retry=True)
        return Reply(found.status_code, body or {})

    def _refused(self, method: str, path: str, status: int) -> CannotAskError | BrokenError:
        what = f"{self.address.url}: {method} {path} answered {status}"
        if status in _DENIED:
            return CannotAskError(f"{what}: it is not allowed", self.denied)
        if status in _ELSEWHERE:
            remedy = "give the connection the address to which it leads: a login is sent to no other"
            return BrokenError(f"{what}, which leads elsewhere", remedy, retry=True)
        return BrokenError(what, "see its log", retry=status == _LIMITED or status >= _BROKEN)


def _object(response: "httpx.Response") -> Mapping[str, Any] | None:
    """Empty where nothing was answered, None for what is none."""
    if not response.content:
        return {}
    try:
        found = response.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
