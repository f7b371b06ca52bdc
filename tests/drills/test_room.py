"""Room for a copy is looked at before any of it is made."""

import shutil
from types import SimpleNamespace

import pytest

from upkeep.drills.room import AT_LEAST, TIMES, check_room
from upkeep.errors import CannotAskError

RAW = 10**9


@pytest.mark.parametrize(("missing", "enough"), [(0, True), (1, False)])
def test_to_the_byte(monkeypatch: pytest.MonkeyPatch, missing: int, enough: bool) -> None:  # noqa: FBT001 - a case
    free = int(RAW * TIMES) + AT_LEAST - missing
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=free))
    if enough:
        return check_room(RAW, "newest backup")
    with pytest.raises(
        CannotAskError, match=r"a copy of the newest backup needs about 2.5 GiB, and .* has 2.5 GiB free: nothing"
    ):
        check_room(RAW, "newest backup")
    return None
