"""Reports that were left in a bucket are read as those of a folder are."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.object_store import s3_server, weed
from upkeep.errors import CannotAskError
from upkeep.signals.left_reports import left_reports
from upkeep.window import Window

NOW = datetime.now(UTC)
ROUND = Window(NOW - timedelta(hours=1), NOW + timedelta(hours=1))
BEFORE = Window(NOW - timedelta(days=8), NOW - timedelta(days=1))


@pytest.mark.skipif(weed() is None, reason="no S3 server is installed")
def test_a_bucket_tells_when_each_was_written_and_which_was_cut_off(tmp_path: Path) -> None:
    with s3_server(tmp_path) as server:
        store = server.at("s3://reports/shop")
        store.put("17/a.json", b'\xef\xbb\xbf{"a": 1}')
        store.put("17/b.json", b'{"b": ')
        store.put("17/log.txt", b"not asked for")
        found, earlier = left_reports(store, "*.json", ROUND), left_reports(store, "*.json", BEFORE)
        with pytest.raises(CannotAskError, match=r"there is no file \*\.json at s3://reports/other"):
            left_reports(server.at("s3://reports/other"), "*.json", ROUND)
    assert [(each.name, each.document) for each in found.each] == [("17/a.json", {"a": 1})]
    assert found.each[0].modified is not None
    assert ROUND.start <= found.each[0].modified < ROUND.end
    assert found.unread == ("17/b.json was cut off in line 1",)
    assert earlier.unread == (), "what was written after a window is no gap in it"
