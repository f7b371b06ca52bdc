"""Each test has a cache of its own."""

from pathlib import Path

import pytest

from upkeep.sources.git.cache import SETTING


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of its copies."""
    folder = tmp_path / "cache"
    monkeypatch.setenv(SETTING, str(folder))
    return folder
