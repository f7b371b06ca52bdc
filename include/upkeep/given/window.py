"""The window that a dated duty is about."""

from collections.abc import Iterator

from upkeep.given.asked import Asked, provides
from upkeep.window import Window


@provides(Window)
def window(asked: Asked) -> Iterator[Window]:
    """The half-open interval."""
    yield asked.window
