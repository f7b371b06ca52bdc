"""
Addresses, all relative, so that they hold under whatever path Airflow is served.

Every page of ours lies directly in the folder the app is mounted at (`…/upkeep/`), and says what it is about in its query: names
may hold anything, slashes too. Airflow's own pages are one folder up.
"""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

TAB = "upkeep_run"
_AIRFLOW = "../"
_MOST_NEAR, _LONG_ENOUGH, _SHORT = 3, 3, 6


def page(name: str, /, **params: Any) -> str:
    """One of our pages; words that are None or empty are left out."""
    query = urlencode({key: word for key, word in params.items() if word not in (None, "")}, quote_via=quote)
    return f"{name}?{query}" if query else name or "./"


def near(name: str, names: Iterable[str], at: str, word: str = "name") -> list[tuple[str, str]]:
    """Pages of the few names that somebody probably meant, as (text, address); none when no name is likely."""
    valid = {one.lower(): one for one in names}
    wanted = name.lower()
    # Two letters that changed places weigh more in a short name.
    alike = get_close_matches(wanted, valid, n=_MOST_NEAR, cutoff=0.75 if len(wanted) < _SHORT else 0.8)
    held = [one for one in sorted(valid, key=len) if len(wanted) >= _LONG_ENOUGH and wanted in one.replace("-", "_").split("_")]
    likely = dict.fromkeys([*alike, *held[: _MOST_NEAR - len(alike)]])
    return [(valid[one], page(at, **{word: valid[one]})) for one in likely]


def airflow_run(dag_id: str, run_id: str) -> str:
    """A DAG run in Airflow's grid."""
    return f"{_AIRFLOW}dags/{_part(dag_id)}/runs/{_part(run_id)}"


def run_tab(dag_id: str, run_id: str) -> str:
    """The Upkeep tab of a DAG run."""
    return f"{airflow_run(dag_id, run_id)}/plugin/{TAB}"


def task(row: Any) -> str:
    """The task instance that gave an answer, from its provenance columns; what a command answered leads to its duty instead."""
    if not row.dag_id:
        return page("duty", name=getattr(row, "duty", None))
    mapped = f"/mapped/{row.map_index}" if row.map_index >= 0 else ""
    return f"{airflow_run(row.dag_id, row.run_id)}/tasks/{_part(row.task_id)}{mapped}"


def outside(address: str | None) -> str | None:
    """A link that somebody wrote, if it is one to follow; anything but http and https is none."""
    try:
        return address if address and urlsplit(address).scheme in {"http", "https"} else None
    except ValueError:
        return None


def _part(text: str) -> str:
    return quote(text, safe="")
