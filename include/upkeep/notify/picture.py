"""Charts of a report as replies of its message: what is kept in the outbox, and what is uploaded."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from hashlib import sha256
from typing import Any

from upkeep.notify import blocks
from upkeep.notify.links import Links
from upkeep.notify.text import link, plain, safe
from upkeep.notify.wire import Upload
from upkeep.reports.chart import Chart, chart_of
from upkeep.reports.chart_svg import picture
from upkeep.reports.run import RunReport
from upkeep.store.outbox import Message

PICTURE = "picture"
# Sharp on screens of twice the density.
_SCALE = 2


def pictures(report: RunReport, links: Links, thread: str) -> Iterator[Message]:
    """A message for each chart of the report's sections; the same again is the same message."""
    url = links.report(report.cadence.value, report.window)
    for name, section in report.sections.items():
        for number, chart in enumerate(section.charts, 1):
            line = f"*{safe(chart.title, 150)}* {link(url, 'report')}"
            body = {**blocks.body(chart.title, [blocks.section([line])]), "chart": asdict(chart)}
            yield Message(key=f"{thread}/{PICTURE}/{name}/{number}", thread=thread, kind=PICTURE, body=body)


def drawing(key: str, body: Mapping[str, Any]) -> Upload:
    """The picture of a message. Its name is of this key and this body alone, so that it can be found again."""
    chart = chart_of(body["chart"])
    told = sha256(json.dumps([key, body], sort_keys=True).encode()).hexdigest()[:16]
    words = re.sub("[^a-z0-9]+", "-", chart.title.lower()).strip("-")[:60]
    comment = body["blocks"][0]["text"]["text"]
    return Upload(
        name=f"{words}-{told}.png", title=plain(chart.title, 150), alt=plain(chart.text, 990), comment=comment, content=png(chart)
    )


def png(chart: Chart) -> bytes:
    """The chart on white: to be read whatever colours the reader has chosen."""
    import vl_convert

    return bytes(vl_convert.svg_to_png(picture(chart), scale=_SCALE))


def instead(body: Mapping[str, Any], why: str) -> dict[str, Any]:
    """What is said in the picture's place."""
    return {"text": body["text"], "blocks": [*body["blocks"], blocks.context(f"The chart was not uploaded: {safe(why, 600)}")]}
