"""OSV's dumps: an `all.zip` of an ecosystem. It is data: nothing is unpacked to disk, and sizes are limited."""

import gzip
import io
import json
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Any

from upkeep.advisories.advisory import Advisory, BadAdvisoryError, read_advisory
from upkeep.errors import BrokenError
from upkeep.humanize import plural

MEGABYTE = 10**6
_LARGEST_MEMBER = 16 * MEGABYTE
_LARGEST_DUMP = 8_000 * MEGABYTE
_MOST_MEMBERS = 2_000_000
_HEAD = 160


@dataclass(frozen=True, slots=True)
class Refused:
    """A document that was not read, and why."""

    name: str
    why: str


Read = Advisory | Refused
Raw = tuple[str, bytes] | Refused


def read_dump(file: IO[bytes], name: str) -> Iterator[Read]:
    """
    Every advisory of a dump; a document that is none is `Refused`.

    Raises BrokenError when it is no ZIP archive, or unpacks to far more than any dump holds.
    """
    for raw in raw_documents(file, name):
        yield raw if isinstance(raw, Refused) else read_document(raw[1], raw[0])


def raw_documents(file: IO[bytes], name: str) -> Iterator[Raw]:
    """Name and bytes of every document of a dump, or why it cannot be had. Raises BrokenError as `read_dump` does."""
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            _see_its_size(members, name)
            for member in members:
                if member.filename.endswith(".json"):
                    yield _member(archive, member)
    except (zipfile.BadZipFile, NotImplementedError, OSError, EOFError) as error:
        raise BrokenError(f"{name} is no whole ZIP archive: {error}", "fetch it again", retry=False) from error


def read_document(data: bytes, name: str) -> Read:
    """One advisory of its bytes."""
    loaded = load_document(data, name)
    return loaded if isinstance(loaded, Refused) else read_loaded(loaded, name)


def load_document(data: bytes, name: str) -> Refused | Any:
    """The JSON of a document."""
    if len(data) > _LARGEST_MEMBER:
        return Refused(name, f"larger than {_LARGEST_MEMBER // MEGABYTE} MB")
    try:
        return json.loads(data)
    except RecursionError:
        return Refused(name, "nested too deep")
    except ValueError as error:
        return Refused(name, f"no JSON: {error}"[:_HEAD])


def read_loaded(loaded: Any, name: str) -> Read:
    """One advisory of its JSON."""
    try:
        return read_advisory(loaded)
    except BadAdvisoryError as error:
        return Refused(name, str(error))
    except RecursionError:
        return Refused(name, "nested too deep")


def unpacked(data: bytes, name: str, limit: int = 512 * MEGABYTE) -> bytes:
    """Bytes of a file that may be gzipped. Raises BrokenError when it cannot be unpacked, or to more than the limit."""
    if not data.startswith(b"\x1f\x8b"):
        return data
    try:
        with gzip.open(io.BytesIO(data)) as file:
            found = file.read(limit + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise BrokenError(f"{name} cannot be unpacked: {error}", "fetch it again", retry=False) from error
    if len(found) > limit:
        raise BrokenError(f"{name} unpacks to more than {limit // MEGABYTE} MB: it was not read", retry=False)
    return found


def _see_its_size(members: list[zipfile.ZipInfo], name: str) -> None:
    total = sum(member.file_size for member in members)
    if total > _LARGEST_DUMP or len(members) > _MOST_MEMBERS:
        message = f"{name} would unpack to {total // MEGABYTE:,} MB in {plural(len(members), 'file')}: it was not read"
        raise BrokenError(message, "no dump is that large: look where it comes from", retry=False)


def _member(archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Raw:
    """What the archive says of a size may be wrong: no more is unpacked than one may be large."""
    if member.flag_bits & 1:
        return Refused(member.filename, "encrypted")
    if member.file_size > _LARGEST_MEMBER:
        return Refused(member.filename, f"larger than {_LARGEST_MEMBER // MEGABYTE} MB")
    try:
        with archive.open(member) as file:
            return member.filename, file.read(_LARGEST_MEMBER + 1)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        return Refused(member.filename, f"damaged: {error}"[:_HEAD])
