"""Addresses of git repositories, brought to one spelling: host and path."""

import re
from urllib.parse import unquote

_SHORT = {"github": "github.com", "gitlab": "gitlab.com", "bitbucket": "bitbucket.org"}
_ARCHIVE = re.compile(
    r"(?:codeload\.)?github\.com/(?P<name>[^/]+/[^/]+)/(?:legacy\.)?(?:archive|zipball|tarball|zip|tar\.gz|tar)(?:\.gz)?/"
    r"(?:refs/(?:tags|heads)/)?(?P<at>[^?#]+?)(?:\.zip|\.tar\.gz|\.tgz)?(?:[?#]|$)"
)
_SCHEME = re.compile(r"(?:git\+)?[a-z][a-z0-9.-]*://", re.IGNORECASE)
_NPM = re.compile(r"[\w-][\w.-]*/[\w.-]+$")  # npm's "owner/name" without a host
_AT = re.compile(r"(?<=[^/])@[^/@]*$")  # the revision that pip writes behind the path


def repository_of(address: str) -> str:
    """
    Host and path of a repository's address, without what differs between spellings of it: scheme, login, revision, `.git`.

    Empty for an address that leads to no host, such as a path.
    """
    text = unquote(address).partition("#")[0].partition("?")[0].strip()
    kind, _, rest = text.partition(":")
    if kind.lower() in _SHORT and not rest.startswith("//"):
        text = f"{_SHORT[kind.lower()]}/{rest}"
    elif _NPM.fullmatch(text) and "." not in text.partition("/")[0]:
        text = f"github.com/{text}"
    host_and_path = _without_login(text)
    if archive := _ARCHIVE.match(host_and_path):
        host_and_path = f"github.com/{archive['name']}"
    host, _, path = _AT.sub("", host_and_path).partition("/")
    plain = path.strip("/").removesuffix(".git").strip("/")
    return f"{host}/{plain}".lower() if host and plain else ""


def archived(address: str) -> str | None:
    """The commit, tag or branch of which an address is the archive; None for every other address."""
    found = _ARCHIVE.match(_without_login(unquote(address).strip()))
    return found["at"] if found else None


def _without_login(text: str) -> str:
    scheme = _SCHEME.match(text)
    rest = text[scheme.end() :] if scheme else text.removeprefix("git+")
    if not scheme and rest.startswith(("/", ".", "file:")):
        return ""
    place, slash, path = rest.partition("/")
    place = place.rpartition("@")[2]
    host, colon, port = place.partition(":")
    host = host.removeprefix("www.")
    if colon and not port.isdigit():  # git@host:path, with or without a scheme
        return f"{host}/{port}{slash}{path}"
    return f"{host if scheme else place.removeprefix('www.')}{slash}{path}"
