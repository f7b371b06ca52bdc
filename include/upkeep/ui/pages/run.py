"""One DAG run: what it found, as it goes and when it is done. This is the Upkeep tab of the run in Airflow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from upkeep.ui.database import Rows
from upkeep.ui.pages import restore
from upkeep.ui.paging import Snapshot, moment
from upkeep.ui.render import show
from upkeep.window import Cadence

router = APIRouter()
LIMIT = 100


@dataclass(frozen=True, slots=True)
class Stored:
    """What the stored report of a window says beyond its rows; empty while there is none."""

    content: Mapping[str, Any]

    @property
    def counts(self) -> Mapping[str, int]:
        """Of new, reopened, resolved and so on."""
        return self.content.get("counts") or {}

    @property
    def quality(self) -> Mapping[str, Any] | None:
        """What the quality gate found in the window's rows, or None when nobody judged."""
        return self.content.get("quality")

    @property
    def resolved(self) -> list[Mapping[str, Any]]:
        """What was open before and is gone."""
        return self.content.get("resolved") or []

    @property
    def news(self) -> Mapping[str, str]:
        """new, reopened or nothing, by fingerprint."""
        news = self.content.get("findings") or []
        return {f["fingerprint"]: "new" if f.get("new") else "reopened" if f.get("reopened") else "" for f in news}


@router.get("/run", response_class=HTMLResponse)
def run(request: Request, rows: Snapshot, dag_id: str, run_id: str) -> HTMLResponse:
    """The page of one DAG run, by Airflow's ids."""
    if dag_id == restore.DAG:
        return restore.of_run(request, rows, run_id)
    found = rows.one("run", dag_id=dag_id, run_id=run_id)
    if not found:
        ours = dag_id in set(Cadence)
        return show(request, "run_none", dag_id=dag_id, run_id=run_id, ours=ours)
    window = {"cadence": found.cadence, "start": found.window_start, "end": found.window_end}
    stored = rows.one("report", **window, name="run")
    return show(
        request,
        "run",
        run=found,
        asked_for=run_id,
        newest=_newest(rows, found),
        counts=rows.one("run_counts", **window, started=(found.under_way and found.again_at) or found.started_at),
        findings=_with_news(rows("run_findings", **window, now=moment(), limit=LIMIT), stored),
        unknown=rows("run_unknown", **window, limit=LIMIT),
        stored=Stored(stored.content) if stored else None,
    )


def _newest(rows: Rows, found: Any) -> Any | None:
    """The newest run of this cadence, if it is about a later window."""
    later = [run for run in rows("cadences") if run.cadence == found.cadence and run.window_end > found.window_end]
    return later[0] if later else None


def _with_news(findings: list[Any], stored: Any | None) -> list[Any]:
    """Each finding with `news`: from the report where there is one, else from its life."""
    news = Stored(stored.content).news if stored else {}
    for finding in findings:
        began = "" if not finding.fresh else "reopened" if finding.episodes > 1 else "new"
        finding.news = news.get(finding.fingerprint, began)
    return findings
