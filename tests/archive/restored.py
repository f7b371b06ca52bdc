"""Archived rows back into a table beside, for tests."""

from pathlib import Path

from tests.archive.world import World
from upkeep.archive.restoring import Restored, Restoring, Span
from upkeep.archive.session import session


def restored(world: World, folder: Path, span: Span | None = None, name: str = "back") -> Restored:
    """Into `public.back`."""
    folder.mkdir(exist_ok=True)
    zone = world.plans[0].get("time_zone", "UTC")
    with session(world.lab.endpoint, "restores", 1) as opened:
        return Restoring(opened, world.place, "public", name, zone, folder, lambda _: None).run(span or Span())
