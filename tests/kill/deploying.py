"""import_deployments for the kill matrix: tags of a repository, brought into rows of a report database."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.delivery.kinds.test_git_tags import DAY, tagged
from tests.kill.world import Point
from tests.lab import Lab, asking
from upkeep.answer import Status
from upkeep.duty import Progress
from upkeep.jobs.delivery.import_deployments import import_deployments
from upkeep.runner import ask
from upkeep.sources.connections import OneDatabase
from upkeep.store.migrate import migrate
from upkeep.targets.service import Service
from upkeep.window import Window

CHANGES = 2
_BEFORE = Window(DAY.start - DAY.length, DAY.start)


@dataclass
class Deploying:
    """import_deployments: a deployment is whole or not there, and a rerun has all of them with their changes."""

    lab: Lab
    folder: Path
    watch: Callable[[Point], None]
    service: Service = field(init=False)

    def __post_init__(self) -> None:
        migrate(self.lab.endpoint)
        place = {"kind": "git_tags", "path": str(tagged(self.folder))}
        signals = {"kind": "query", "connection": "shop_db", "minutes": "select 1"}
        self.service = Service.model_validate({"name": "web", "owner": "ann", "signals": signals, "deployments": [place]})

    def reset(self) -> None:
        """The release of the day before is there, that of the day is not."""
        self.lab.run("delete from upkeep.deployment")
        self._bring(_BEFORE)

    def run(self, point: Point) -> None:
        """The day's window. Every statement is a moment."""
        self.watch(point)
        self._bring(DAY)

    def struck(self) -> list[str]:
        """What was there stays, and changes come whole."""
        first = self.lab.value("select count(*) from upkeep.deployment where deployment = 'v1'")
        changes = self._changes()
        return [*([] if first == 1 else ["v1 is gone"]), *([] if changes in {0, CHANGES} else [f"{changes} changes"])]

    def wrong(self) -> list[str]:
        """Both releases, and the changes of the second."""
        there = self.lab.value("select string_agg(deployment, ' ' order by started_at) from upkeep.deployment")
        changes = self._changes()
        return [*([] if there == "v1 v2" else [f"there is {there}"]), *([] if changes == CHANGES else [f"{changes} changes"])]

    def _changes(self) -> int:
        return int(self.lab.value("select count(*) from upkeep.deployment_change where deployment = 'v2'"))

    def _bring(self, window: Window) -> None:
        with self.lab.endpoint.connect("import") as database:
            nowhere = OneDatabase(self.lab.endpoint)
            asked = asking(import_deployments, self.service, nowhere, window=window, database=database)
            answer = ask(asked, {Progress: lambda *_: None})
        if answer.status is not Status.OK:
            raise AssertionError(answer)
