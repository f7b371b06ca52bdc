"""Under which keys an advisory is found in an index, and which keys a package asks for: the same that the matcher compares."""

from collections.abc import Iterator

from upkeep.advisories.advisory import Advisory, RangeKind
from upkeep.advisories.names import normalise
from upkeep.advisories.orders.order import base
from upkeep.formats.git_address import repository_of
from upkeep.formats.package import Origin, Package


def keys_of(advisory: Advisory) -> set[bytes]:
    """Its packages, repositories and commits, and every name of it."""
    keys = {_key("called", name) for name in names_of(advisory)}
    for part in advisory.affected:
        if part.name:
            keys.add(_key("package", part.ecosystem, part.name))
        for found in (r for r in part.ranges if r.kind is RangeKind.GIT):
            keys.add(_key("repository", repository_of(found.repository)))
            keys.update(_key("commit", commit) for _, commit in found.events)
    return keys


def keys_asked(package: Package) -> Iterator[bytes]:
    """What a package is looked up by; nothing for one of a folder of its own."""
    if package.origin is Origin.GIT:
        yield _key("repository", package.repository or "")
        yield _key("commit", package.commit or "")
    elif package.origin is Origin.REGISTRY:
        name = normalise(package.ecosystem, package.source_name or package.name)
        yield from {_key("package", ecosystem, name) for ecosystem in (package.ecosystem, base(package.ecosystem))}


def names_of(advisory: Advisory) -> tuple[str, ...]:
    """Its own name and those of the same fault elsewhere."""
    return (advisory.id, *advisory.aliases)


def key_called(name: str) -> bytes:
    """What a fault's name is looked up by."""
    return _key("called", name)


def _key(*args: str) -> bytes:
    """Names are other people's words: half a character of theirs is no text for a database."""
    return "\x1f".join(args).encode("utf-8", "surrogatepass")
