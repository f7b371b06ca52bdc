"""Work in numbers that hold on every machine and under every load: function calls, or seconds against a named peer."""

import sys
import time
from collections.abc import Callable
from types import FrameType
from typing import Any


def calls(function: Callable[[], object]) -> int:
    """How many functions, of Python and of C, were called until it returned. Loops inside C count as one call."""
    count, before = 0, sys.getprofile()

    def counted(_frame: FrameType, event: str, _arg: Any) -> None:
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(counted)
    try:
        function()
    finally:
        sys.setprofile(before)
    return count


def cpu_seconds(function: Callable[[], object]) -> float:
    """The least of three runs, in seconds of this process."""

    def once() -> float:
        begun = time.process_time()
        function()
        return time.process_time() - begun

    return min(once() for _ in range(3))
