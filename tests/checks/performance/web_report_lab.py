"""Reports as CI leaves them, for tests: of Lighthouse, size-limit and bundlewatch, with the time of their file."""

import json
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from tests.access_logs import NOWHERE
from tests.lab import asking
from upkeep.answer import Answer
from upkeep.checks.performance.web_vitals import web_vitals
from upkeep.runner import ask
from upkeep.sources.connections import Connections
from upkeep.targets.service import Service
from upkeep.window import Window

MONDAY = datetime(2026, 5, 11, tzinfo=UTC)
WEEK = Window(MONDAY, MONDAY + timedelta(days=7))
THURSDAY = MONDAY + timedelta(days=3)


def lighthouse(at: datetime = THURSDAY, page: str = "/checkout", device: str = "mobile", **times: float) -> dict[str, Any]:
    """A result with these numbers by audit, as `largest_contentful_paint=2000`."""
    return {
        "lighthouseVersion": "12.8.2",
        "fetchTime": at.isoformat().replace("+00:00", "Z"),
        "requestedUrl": f"https://preview-17.shop.example{page}?utm=1",
        "configSettings": {"formFactor": device},
        "audits": {name.replace("_", "-"): {"numericValue": value} for name, value in times.items()},
    }


def size_limit(size: int, limit: int | None = 100_000, name: str = "main") -> list[dict[str, Any]]:
    """One bundle."""
    return [{"name": name, "passed": limit is None or size <= limit, "size": size, **({"sizeLimit": limit} if limit else {})}]


def left(folder: Path, name: str, document: Any, at: datetime = THURSDAY) -> Path:
    """Leave it, text as it is, as if it had been written then."""
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(document if isinstance(document, str) else json.dumps(document), encoding="utf-8")
    os.utime(path, (at.timestamp(), at.timestamp()))
    return path


def service(**more: Any) -> Service:
    """A service with these places."""
    signals = {"kind": "query", "connection": "c", "minutes": "select"}
    return Service.model_validate({"name": "shop", "owner": "tester", "signals": signals, **more})


def asked(connections: Connections = NOWHERE, window: Window = WEEK, min_samples: int = 200, **places: Any) -> Answer:
    """What the check says."""
    limits = {"web_vitals": {"min_samples": min_samples}}
    return ask(asking(web_vitals, service(**places, thresholds=limits), connections, window=window))


def of_laboratory(folder: Path, **more: Any) -> Answer:
    """What it says of a folder of reports."""
    return asked(laboratory={"place": folder.as_uri(), **more})


def of_export(folder: Path, min_samples: int = 200) -> Answer:
    """What it says of a folder of exported vitals."""
    return asked(vitals={"kind": "export", "place": folder.as_uri()}, min_samples=min_samples)
