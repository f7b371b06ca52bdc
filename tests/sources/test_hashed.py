"""What is stored and fetched is counted and hashed on the way."""

import hashlib
import io
import threading
from pathlib import Path

import pytest

from upkeep.errors import BrokenError
from upkeep.sources.hashed import HashedSink, HashedSource, Sum, download, sum_of, sum_of_file, upload
from upkeep.sources.objects import open_store

DATA = b"rows" * 1_000_000
WHOLE = Sum(len(DATA), hashlib.sha256(DATA).hexdigest())


def test_up_and_down_again_is_the_same(tmp_path: Path) -> None:
    (tmp_path / "here").write_bytes(DATA)
    store = open_store((tmp_path / "store").as_uri())
    assert upload(store, "a/b", tmp_path / "here") == WHOLE
    assert sum_of(store, "a/b") == WHOLE
    assert download(store, "a/b", tmp_path / "back") == WHOLE
    assert sum_of_file(tmp_path / "back") == WHOLE
    with pytest.raises(BrokenError, match="not there"):
        download(store, "a/c", tmp_path / "other")


def test_it_stops_reading_when_it_is_told_to(tmp_path: Path) -> None:
    store = open_store(tmp_path.as_uri())
    store.put("a", DATA)
    stop = threading.Event()
    stop.set()
    assert sum_of(store, "a", stop).bytes == 0


def test_streams_pass_everything_on() -> None:
    file = io.BytesIO()
    sink, source = HashedSink(file), HashedSource(io.BytesIO(DATA))
    while data := source.read():
        assert sink.write(data) == len(data)
    sink.flush()
    assert (file.getvalue(), sink.sum, source.sum) == (DATA, WHOLE, WHOLE)
    assert HashedSource(io.BytesIO(DATA)).read(7) == DATA[:7]
