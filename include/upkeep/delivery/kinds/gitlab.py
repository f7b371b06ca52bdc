"""Deployments that GitLab keeps: those of its own pipelines, and those told to its API."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC
from typing import Annotated, Literal
from urllib.parse import quote

from pydantic import Field

from upkeep.delivery.deployed import Change, Deployed, Outcome
from upkeep.delivery.forge_place import ForgePlace, Told
from upkeep.errors import CannotAskError
from upkeep.field_types import Link
from upkeep.sources.connections import Connections
from upkeep.sources.forge import Forge
from upkeep.window import Window

SOURCE = "GitLab"
_OUTCOMES = {
    "success": Outcome.SUCCEEDED,
    "failed": Outcome.FAILED,
    "canceled": Outcome.CANCELLED,
    "skipped": Outcome.CANCELLED,
}


class GitlabPlace(ForgePlace):
    """One project; its deployments into one environment."""

    kind: Literal["gitlab"]
    project: Annotated[str, Field(pattern=r"^[\w./-]+$")] = Field(description="group/name, or the project's number")
    api: Link = Field(default="https://gitlab.com/api/v4", description="Address of the API")

    @property
    def described(self) -> str:
        """The project."""
        return f"GitLab deployments of {self.project}"

    @property
    def below(self) -> str:
        """The path of the project."""
        return f"projects/{quote(self.project, safe='')}"

    def open(self, connections: Connections) -> "GitlabDeployments":
        """Nothing is asked yet."""
        return GitlabDeployments(self, connections)


@dataclass(frozen=True, slots=True)
class GitlabDeployments:
    """What the project tells."""

    place: GitlabPlace
    connections: Connections

    def check(self) -> str:
        """The newest deployment."""
        asked = {"environment": self.place.environment, "order_by": "created_at", "sort": "desc", "per_page": "1"}
        with self.place.asked(self.connections, self.place.below) as forge:
            return self.place.newest_said(forge.listed("deployments", asked), "iid")

    def deployed(self, window: Window) -> Iterator[Deployed]:
        """Those that changed since the window's start; what ended after its end is still running as of then."""
        since = window.start.astimezone(UTC)
        asked = {
            "environment": self.place.environment,
            "order_by": "updated_at",
            "sort": "asc",
            "updated_after": f"{since:%Y-%m-%dT%H:%M:%SZ}",
        }
        with self.place.asked(self.connections, self.place.below) as forge:
            for fields in forge.listed("deployments", asked):
                told = Told(self.place.described, fields)
                here = told.maybe("environment", "name") == self.place.environment
                if here and window.start - self.place.reach <= told.moment("created_at") < window.end:
                    yield self._one(forge, told, window)

    def changes(self, base: str, head: str) -> list[Change]:
        """Commits that came between."""
        with self.place.asked(self.connections, self.place.below) as forge:
            if self.place.files is None:
                found = list(forge.listed("repository/compare", {"from": base, "to": head}, within="commits"))
            else:
                found = list(forge.listed(f"repository/compare/{base}...{head}", within="commits"))
        told = [Told(self.place.described, each) for each in found]
        return [Change(each.text("id"), each.moment("committed_date")) for each in told]

    def _one(self, forge: Forge, told: Told, window: Window) -> Deployed:
        outcome, begun = outcome_of(told), told.moment("created_at")
        ended = told.maybe_moment("deployable", "finished_at") or told.moment("updated_at")
        if ended >= window.end:
            outcome = Outcome.RUNNING
        sha = told.maybe("sha")
        return Deployed(
            environment=self.place.environment,
            deployment=told.text("iid"),
            started_at=begun,
            finished_at=max(begun, ended) if outcome.ended else None,
            status=outcome,
            source=SOURCE,
            version=told.maybe("ref"),
            commit_id=sha,
            merged_as=_merged_as(forge, sha) if sha else None,
            committed_at=told.maybe_moment("deployable", "commit", "created_at"),
            unplanned=self.place.is_unplanned(told.maybe("ref")),
            deployed_by=told.maybe("user", "username"),
            url=told.maybe("deployable", "web_url"),
        )


def outcome_of(told: Told) -> Outcome:
    """The job's own status where it has ended: a job that is allowed to fail and fails is no success."""
    job = _OUTCOMES.get(told.maybe("deployable", "status") or "")
    whole = _OUTCOMES.get(told.text("status"), Outcome.RUNNING)
    return job if job is not None and whole.ended else whole


def _merged_as(forge: Forge, sha: str) -> str | None:
    """The commit of the branch that a merge request's head was merged as, by squashing or otherwise."""
    try:
        found = [Told("a merge request", each) for each in forge.listed(f"repository/commits/{sha}/merge_requests")]
    except CannotAskError:
        return None
    for request in found:
        merged = request.maybe("squash_commit_sha") or request.maybe("merge_commit_sha")
        if request.maybe("state") == "merged" and request.maybe("sha") == sha and merged != sha:
            return merged
    return None
