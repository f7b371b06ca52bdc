"""Deployments that GitHub keeps, made by Actions or by others over its API."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from upkeep.delivery.deployed import Change, Deployed, Outcome, Stage, course
from upkeep.delivery.forge_place import ForgePlace, Told
from upkeep.errors import CannotAskError
from upkeep.field_types import Link
from upkeep.sources.connections import Connections
from upkeep.sources.forge import Forge
from upkeep.window import Window

SOURCE = "GitHub"
_OUTCOMES = {"success": Outcome.SUCCEEDED, "failure": Outcome.FAILED, "error": Outcome.FAILED}


class GithubPlace(ForgePlace):
    """One repository; its deployments into one environment."""

    kind: Literal["github"]
    repository: Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")] = Field(description="owner/name")
    api: Link = Field(
        default="https://api.github.com", description="Address of the API; https://HOST/api/v3 on a server of one's own"
    )

    @property
    def described(self) -> str:
        """The repository."""
        return f"GitHub deployments of {self.repository}"

    def open(self, connections: Connections) -> "GithubDeployments":
        """Nothing is asked yet."""
        return GithubDeployments(self, connections)


@dataclass(frozen=True, slots=True)
class GithubDeployments:
    """What the repository tells."""

    place: GithubPlace
    connections: Connections

    def check(self) -> str:
        """The newest deployment."""
        with self.place.asked(self.connections, f"repos/{self.place.repository}") as forge:
            found = forge.listed("deployments", {"environment": self.place.environment, "per_page": "1"})
            return self.place.newest_said(found, "id")

    def deployed(self, window: Window) -> Iterator[Deployed]:
        """Newest first, back to those that can have got no status any more. Statuses count up to the window's end."""
        with self.place.asked(self.connections, f"repos/{self.place.repository}") as forge:
            for fields in forge.listed("deployments", {"environment": self.place.environment}):
                told = Told(self.place.described, fields)
                begun = told.moment("created_at")
                if begun < window.start - self.place.reach:
                    if self.place.files is None:
                        return
                    continue
                if begun < window.end and told.maybe("environment") == self.place.environment:
                    yield self._one(forge, told, window)

    def changes(self, base: str, head: str) -> list[Change]:
        """Commits that came between."""
        with self.place.asked(self.connections, f"repos/{self.place.repository}") as forge:
            found = [Told(self.place.described, each) for each in forge.listed(f"compare/{base}...{head}", within="commits")]
        times = [(each.text("sha"), each.maybe_moment("commit", "committer", "date")) for each in found]
        return [Change(sha, at) for sha, at in times if at is not None]

    def _one(self, forge: Forge, told: Told, window: Window) -> Deployed:
        begun, number = told.moment("created_at"), told.text("id")
        statuses = [Told(self.place.described, each) for each in _none_if_missing(forge, f"deployments/{number}/statuses")]
        stages = [(each.moment("created_at"), _OUTCOMES.get(each.text("state"))) for each in statuses]
        came = course(Stage(at, outcome) for at, outcome in stages if outcome and at < window.end)
        sha = told.maybe("sha")
        return Deployed(
            environment=self.place.environment,
            deployment=number,
            started_at=begun,
            finished_at=max(begun, came.finished_at) if came.finished_at else None,
            status=came.status,
            failed_at=max(begun, came.failed_at) if came.failed_at else None,
            failed_why="GitHub has a failure after the success" if came.failed_at else None,
            source=SOURCE,
            version=told.maybe("ref"),
            commit_id=sha,
            merged_as=_merged_as(forge, sha) if sha and begun >= window.start else None,
            unplanned=self.place.is_unplanned(told.maybe("ref")),
            deployed_by=told.maybe("creator", "login"),
            url=next((link for each in statuses if (link := each.maybe("log_url") or each.maybe("target_url"))), None),
        )


def _none_if_missing(forge: Forge, path: str) -> list[dict[str, object]]:
    try:
        return [dict(each) for each in forge.listed(path)]
    except CannotAskError:
        return []


def _merged_as(forge: Forge, sha: str) -> str | None:
    """The commit of the branch that a pull request's head was merged as, by squashing or otherwise."""
    for fields in _none_if_missing(forge, f"commits/{sha}/pulls"):
        pull = Told("a pull request", fields)
        merged = pull.maybe("merge_commit_sha")
        if pull.maybe("merged_at") and pull.maybe("head", "sha") == sha and merged != sha:
            return merged
    return None
