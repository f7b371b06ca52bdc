"""A registry of container images: which digest a tag has there now, by its HTTP API (version 2)."""

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from upkeep.errors import BrokenError
from upkeep.formats.image_name import HUB
from upkeep.sources.http_address import HttpAddress
from upkeep.sources.http_json import HttpJson

if TYPE_CHECKING:
    import httpx

_KINDS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_ACCEPT = {"Accept": ", ".join(_KINDS)}
_FIELD = re.compile(r'(\w+)="([^"]*)"')
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}")
_HERE = frozenset(["127.0.0.1", "localhost", "::1"])
_OK, _WHO, _GONE, _NO_HEAD = 200, 401, 404, 405


def address_of_registry(host: str, login: HttpAddress | None = None) -> HttpAddress:
    """Where the registry of this name answers: by HTTPS, on this machine by HTTP, or where its connection says."""
    if login is not None:
        return login
    name = f"registry-1.{HUB}" if host == HUB else host
    here = urlsplit(f"//{name}").hostname in _HERE
    return HttpAddress(f"{'http' if here else 'https'}://{name}")


class ImageRegistry:
    """
    One registry. Its login goes to it, and to the service that it names for tokens; neither without TLS unless it is so itself.

    Raises BrokenError when it cannot be asked.
    """

    def __init__(
        self,
        address: HttpAddress,
        transport: "httpx.BaseTransport | None" = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:
        """`transport` and `wait` are for tests."""
        self._address, self._transport, self._wait = address, transport, wait
        self._open = replace(address, user=None, password=None)
        self._as: dict[str, HttpAddress] = {}

    def digest(self, repository: str, tag: str) -> str | None:
        """The digest that a tag has now; None when there is no such tag."""
        answer = self._asked("HEAD", repository, tag)
        told = str(answer.headers.get("docker-content-digest", ""))
        if answer.status_code == _GONE:
            return None
        if answer.status_code == _OK and _DIGEST.fullmatch(told):
            return told
        if answer.status_code in {_OK, _NO_HEAD}:
            return f"sha256:{hashlib.sha256(self._manifest(repository, tag).content).hexdigest()}"
        raise self._refused(answer, repository)

    def platforms(self, repository: str, tag: str) -> frozenset[str]:
        """The digests of single platforms that a tag holds now."""
        try:
            listed = self._manifest(repository, tag).json().get("manifests") or ()
            return frozenset(str(one["digest"]) for one in listed)
        except (ValueError, AttributeError, KeyError, TypeError) as error:
            raise self._broken(f"answers with no manifest for {repository}:{tag}", "see what stands before it") from error

    def _manifest(self, repository: str, tag: str) -> "httpx.Response":
        answer = self._asked("GET", repository, tag)
        if answer.status_code != _OK:
            raise self._refused(answer, repository)
        return answer

    def _asked(self, method: str, repository: str, tag: str) -> "httpx.Response":
        """The answer about a manifest, with a login where it wants one."""
        path = f"/v2/{repository}/manifests/{tag}"
        answer = self._json(self._as.get(repository, self._open)).answered(method, path, headers=_ACCEPT)
        challenge = answer.headers.get("www-authenticate", "")
        if answer.status_code == _WHO and challenge and repository not in self._as:
            self._as[repository] = self._let_in(repository, challenge)
            return self._asked(method, repository, tag)
        return answer

    def _let_in(self, repository: str, challenge: str) -> HttpAddress:
        """The registry's address with what it wants: the login itself, or a token that another service gives for it."""
        kind, _, rest = challenge.partition(" ")
        if kind.lower() != "bearer":
            return self._address
        told = dict(_FIELD.findall(rest))
        realm, secure = told.get("realm", ""), self._address.url.startswith("https:")
        if not realm.startswith("https:") and (secure or not realm.startswith("http:")):
            raise self._broken(f"names no safe service of tokens ({realm[:80] or 'none'})", "see that its address is right")
        fields = {"service": told.get("service", ""), "scope": told.get("scope") or f"repository:{repository}:pull"}
        given = self._json(replace(self._address, url=realm)).get("", {name: text for name, text in fields.items() if text})
        token = given.get("token") or given.get("access_token") if isinstance(given, dict) else None
        if not isinstance(token, str):
            raise self._broken("got no token from the service that it names", "see that its connection's login may pull")
        return replace(self._open, password=token)

    def _json(self, address: HttpAddress) -> HttpJson:
        return HttpJson(address, "the registry", timeout_s=30, transport=self._transport, wait=self._wait)

    def _refused(self, answer: "httpx.Response", repository: str) -> BrokenError:
        return self._broken(
            f"answers HTTP {answer.status_code} for {repository}", "give it a connection whose login may pull this image"
        )

    def _broken(self, what: str, remedy: str) -> BrokenError:
        return BrokenError(f"the registry at {self._address.url} {what}", remedy, retry=False)
