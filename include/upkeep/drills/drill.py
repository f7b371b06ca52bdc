"""A plan carried out on a server of our own, step by step, each with its time."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import ClassVar

from upkeep.drills import amcheck, command, network, smoke
from upkeep.drills.copy_checks import DeadCopyError, start_again
from upkeep.drills.drill_copy import DrillCopy
from upkeep.drills.plan import Plan, Step
from upkeep.drills.reader import reader_of
from upkeep.duty import Progress
from upkeep.errors import CannotAskError
from upkeep.humanize import plural, span
from upkeep.record import Record
from upkeep.sources.postgres import Endpoint

DONE, FAILED, UNKNOWN, PLANNED, NOT_REACHED, MISSING = "done", "failed", "unknown", "planned", "not reached", "missing"


@dataclass(frozen=True, slots=True, kw_only=True)
class DrillStep(Record):
    """One step of a plan, or one that was needed beside it."""

    table: ClassVar[str] = "drill_step"

    number: int
    name: str
    kind: str
    result: str
    message: str
    tested_at: datetime
    backup_id: str
    plan_sha256: str
    expected_seconds: float | None = None
    seconds: float | None = None


@dataclass
class Drill:
    """
    One drill. Everything it makes is on its copy's server, which ends with us: killed anywhere, it is made again from the start.

    `production` is where the real database is, which no step may name. `open_network` says that a command could have reached it.
    """

    plan: Plan
    copy: DrillCopy
    production: Endpoint | None
    asked_at: datetime
    progress: Progress
    _restored: bool = False
    _lost: bool = field(default=False, init=False)
    open_network: bool = field(default=False, init=False)

    @property
    def _copy(self) -> Endpoint:
        return self.copy.endpoint

    def run(self) -> Iterator[DrillStep]:
        """Every step in its order; after a restore that failed, nothing of the copy is asked. Raises what may pass by itself."""
        for number, step in enumerate(self.plan.steps, 1):
            self.progress(f"step {step.kind}", step.name)
            begun = time.monotonic()
            result, message = (NOT_REACHED, "there is no copy") if self._lost and step.kind != "person" else self._done(step)
            took = None if result in {PLANNED, NOT_REACHED} else round(time.monotonic() - begun, 3)
            yield DrillStep(
                number=number, name=step.name, kind=step.kind, result=result, message=message, expected_seconds=step.expected,
                seconds=took, tested_at=self.asked_at, backup_id=self.copy.backup_id, plan_sha256=self.plan.sha256,
            )  # fmt: skip

    def _done(self, step: Step) -> tuple[str, str]:
        if step.kind == "person":
            return PLANNED, str(step.person)
        if not self._restored and step.kind in {"restore", "query", "check"}:
            result, message = self._restore()
            if result == FAILED or step.kind == "restore":
                return result, message
        match step.kind:
            case "restore":
                return DONE, "it is restored already"
            case "query":
                return self._query(step)
            case "check":
                return self._check(step)
        return self._command(step)

    def _restore(self) -> tuple[str, str]:
        done = self.copy.restore(self.progress)
        self._restored, self._lost = done.is_there, not done.is_there
        return DONE if done.is_right else FAILED, done.message

    def _query(self, step: Step) -> tuple[str, str]:
        answer = smoke.ask(reader_of(self._copy), step.as_query())
        return {smoke.RIGHT: DONE, smoke.WRONG: FAILED, smoke.BROKEN: UNKNOWN}[answer.verdict], f"the answer is {answer.text}"

    def _check(self, step: Step) -> tuple[str, str]:
        if step.check == "starts":
            try:
                start_again(self.copy.server)
            except DeadCopyError as error:
                self._lost = True
                return FAILED, str(error)
            with self._copy.connect("upkeep drill") as connection:
                connection.execute("select 1")
            return DONE, "stopped, started and asked"
        checked = amcheck.check(self._copy, self.progress)
        if checked.corrupt:
            return FAILED, f"{checked.corrupt[0][0]}: {checked.corrupt[0][1]}"
        if checked.unsure:
            return UNKNOWN, checked.unsure[0]
        return DONE, f"{plural(checked.indexes, 'index', 'indexes')} and {plural(checked.tables, 'table')} hold together"

    def _command(self, step: Step) -> tuple[str, str]:
        args, longest_s = step.command or (), step.longest_s
        before = None if step.network else network.shut_off()
        self.open_network |= before is None
        # Where there is no network it is a file that leads to the server; where there is one, the same.
        try:
            if self.production:
                command.refuse_production(args, self.production)
            tools = self.copy.server.program("psql").parent
            with command.short_name(self.copy.server.data) as socket_folder:
                copy = replace(self._copy, host=socket_folder)
                code, output = command.run(args, self.plan.folder, copy, longest_s, tools, before or ())
        except CannotAskError as error:
            return FAILED, error.reason
        if code is None:
            return FAILED, f"it did not end within {span(longest_s)} and was ended: {output}".rstrip(": ")
        return (DONE if code == 0 else FAILED), f"exit status {code}" + (f": {output}" if output else "")
