"""Where things are in Airflow's pages."""

from dataclasses import dataclass
from urllib.parse import quote, urlencode

from upkeep.window import Window


@dataclass(frozen=True, slots=True)
class Links:
    """Addresses of one run. `base_url` is Airflow's (api.base_url); paths are those of the Airflow 3 UI."""

    base_url: str
    dag_id: str
    run_id: str

    def task(self, task_id: str, map_index: int = -1, *, dag_id: str | None = None, run_id: str | None = None) -> str:
        """The log of a task instance, of this run unless given; `map_index` -1 means not mapped."""
        mapped = f"/mapped/{map_index}" if map_index >= 0 else ""
        return f"{self._run(dag_id or self.dag_id, run_id or self.run_id)}/tasks/{quote(task_id, safe='')}{mapped}"

    def run(self) -> str:
        """The run's page in Airflow."""
        return self._run(self.dag_id, self.run_id)

    def run_tab(self) -> str:
        """The run's Upkeep tab."""
        return f"{self._run(self.dag_id, self.run_id)}/plugin/upkeep_run"

    def page(self) -> str:
        """The Upkeep page."""
        return f"{self._base}/plugin/upkeep"

    def page_of(self, name: str) -> str:
        """One of Upkeep's pages by its name."""
        return f"{self._base}/upkeep/{quote(name, safe='')}"

    def report(self, cadence: str, window: Window) -> str:
        """The stored report of a run as a page."""
        asked = urlencode({"cadence": cadence, "start": window.start.isoformat(), "end": window.end.isoformat()})
        return f"{self.page_of('report')}?{asked}"

    @property
    def _base(self) -> str:
        return self.base_url.rstrip("/")

    def _run(self, dag_id: str, run_id: str) -> str:
        return f"{self._base}/dags/{quote(dag_id, safe='')}/runs/{quote(run_id, safe='')}"
