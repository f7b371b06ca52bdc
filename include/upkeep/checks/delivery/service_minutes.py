"""The minutes of a service that were seen."""

from datetime import datetime

from upkeep.delivery.beside import Seen, Span
from upkeep.objectives.minutes import stored_minutes
from upkeep.sources.rows import Rows
from upkeep.window import Window


def seen_minutes(rows: Rows, service: str, spans: tuple[Span, Span], known_by: Window) -> dict[datetime, Seen]:
    """Those from the first span on by their start, as they were known at the end of the window that asks."""
    found = stored_minutes(rows, service, Window(spans[0].start, known_by.end))
    counts = zip(found.requests, found.errors, found.slow, strict=True)
    return {
        found.at(place): Seen(requests, errors or 0, slow)
        for place, (requests, errors, slow) in enumerate(counts)
        if requests is not None
    }
