"""Streams into objects: what was stored is what came, and an error of the source stays what it was."""

from collections.abc import Iterator
from pathlib import Path

import pyrage
import pytest

from upkeep.backups import packing, unpacking
from upkeep.errors import BrokenError
from upkeep.sources.objects import open_store

KEY = pyrage.x25519.Identity.generate()


class Breaks:
    """Some bytes, then an error."""

    def __init__(self, error: Exception) -> None:
        self.error, self.given = error, False

    def read(self, size: int = -1) -> bytes:
        """Once only."""
        assert size
        if self.given:
            raise self.error
        self.given = True
        return b"some" * 1000


@pytest.mark.parametrize("recipients", [(), (str(KEY.to_public()),)], ids=["plain", "sealed"])
@pytest.mark.parametrize("error", [BrokenError("the session was lost", retry=True), RuntimeError("other")])
def test_an_error_of_the_source_is_raised_as_it_is_and_nothing_is_stored(
    tmp_path: Path, recipients: tuple[str, ...], error: Exception
) -> None:
    place = open_store(tmp_path.as_uri())
    with pytest.raises(type(error)) as raised:
        packing.store(place, "broken", Breaks(error), recipients)
    assert raised.value is error
    assert place.sizes() == {}


@pytest.mark.parametrize("recipients", [(), (str(KEY.to_public()),)], ids=["plain", "sealed"])
def test_there_and_back(tmp_path: Path, recipients: tuple[str, ...]) -> None:
    from io import BytesIO

    place, data, back = open_store(tmp_path.as_uri()), bytes(range(256)) * 9000, BytesIO()
    stored = packing.store(place, "whole", BytesIO(data), recipients)
    unpacking.unpack(place, stored, back.write, [KEY])
    assert back.getvalue() == data
    assert (stored.raw_bytes, stored.bytes) == (len(data), place.sizes()[stored.name])


def test_blocks_are_read_some_at_a_time_and_none_is_lost() -> None:
    given: list[int] = []

    def blocks() -> Iterator[bytes]:
        for number in range(5):
            given.append(number)
            yield bytes([number]) * 400_000

    stream = packing.Blocks(blocks())
    first = stream.read(1)
    assert len(given) < 5, "no more in memory than is worth a call"
    rest = [first, *iter(stream.read, b"")]
    assert b"".join(rest) == b"".join(bytes([number]) * 400_000 for number in range(5))
    assert packing.Blocks(iter([b"one"])).read() == b"one"
