"""Settings that lose data or hide trouble."""

from dataclasses import dataclass

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.hidden_settings import Hidden, hidden_settings
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_SERVER = "server"
_OFF, _ON = frozenset({"off", "false", "no", "0", "f", "n"}), frozenset({"on", "true", "yes", "1", "t", "y"})


@dataclass(frozen=True, slots=True)
class Risk:
    """What a setting must not be, and why. `alone` is the severity where one role or database sets it for itself."""

    bad: frozenset[str]
    severity: Severity
    why: str
    alone: Severity = Severity.MEDIUM


_RISKS = {
    "fsync": Risk(_OFF, Severity.CRITICAL, "a crash or power cut can destroy the whole server's data"),
    "full_page_writes": Risk(_OFF, Severity.CRITICAL, "a crash in the middle of a write leaves torn pages that nothing repairs"),
    "synchronous_commit": Risk(_OFF, Severity.HIGH, "a crash loses transactions that were confirmed to the client"),
    "zero_damaged_pages": Risk(
        _ON, Severity.CRITICAL, "damaged pages are emptied silently when they are read", Severity.CRITICAL
    ),
    "ignore_checksum_failure": Risk(_ON, Severity.HIGH, "damaged pages are read as if they were sound", Severity.HIGH),
    "ignore_invalid_pages": Risk(_ON, Severity.HIGH, "recovery goes on over missing pages, and data is lost silently"),
    "data_sync_retry": Risk(_ON, Severity.HIGH, "after a failed write to disk, data that was thrown away counts as saved"),
    # One role alone is how some replication tools write.
    "session_replication_role": Risk(
        frozenset({"replica"}), Severity.HIGH, "no trigger fires and no foreign key is checked", Severity.LOW
    ),
    "wal_level": Risk(
        frozenset({"minimal"}), Severity.MEDIUM, "neither replicas nor an archive can be fed, so no point-in-time recovery"
    ),
    "track_activities": Risk(
        _OFF, Severity.MEDIUM, "what sessions do cannot be seen: no blocker and no long query is ever found"
    ),
    "track_counts": Risk(
        frozenset(), Severity.MEDIUM, "what these sessions change is never counted, so autovacuum does not see it"
    ),
    "log_min_messages": Risk(frozenset({"fatal", "panic"}), Severity.MEDIUM, "errors do not reach the server's log"),
    "log_min_error_statement": Risk(frozenset({"fatal", "panic"}), Severity.LOW, "the log shows errors without their statements"),
    "allow_system_table_mods": Risk(_ON, Severity.MEDIUM, "system catalogs can be changed by hand, and broken", Severity.MEDIUM),
}


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting in one scope: "server", or the role or database that sets it for itself. `reset` undoes it."""

    name: str
    scope: str
    value: str
    pending_restart: bool
    reset: str

    @property
    def object(self) -> str:
        """`fsync`, or `synchronous_commit of role loader`."""
        return self.name if self.scope == _SERVER else f"{self.name} of {self.scope}"


@check(Cadence.DAILY, owner="database", needs=(MONITOR,))
def settings(db: Database, pg: Postgres, *, accept: str = "") -> Answer:
    """
    Settings that lose data or hide trouble, for the server, a role or a database.

    Each is judged by what it can cost, not by taste: destroyed data is critical, lost commits high (medium where one role or
    database chose it for itself, as loaders do), trouble that nobody sees medium, a change that still waits for a restart low.
    Where Upkeep's own login or database sets one for itself the server's value cannot be seen, and that is found too.
    `accept` lists what is meant to be so, by commas: `synchronous_commit of role loader, wal_level`. Autovacuum that is off is
    asked by autovacuum, missing checksums by checksum_failures, errors in the files by config_files.
    """
    found = pg.measure(__file__, Setting, {"names": list(_RISKS)})
    accepted = {word.strip() for word in accept.split(",")}
    judged = [s for s in found if s.object not in accepted]
    findings = [
        *(_risky(s, _RISKS[s.name]) for s in judged if s.name in _RISKS and _is_risky(s)),
        *(_pending(s) for s in judged if s.pending_restart),
    ]
    # What is wrong in that scope too is reset by its own finding.
    known = {f.object for f in findings}
    unseen = [h for h in hidden_settings(pg, _RISKS) if f"{h.name} of {h.scope}" not in known]
    findings += [f for f in map(_unseen, unseen) if f.object not in accepted]
    return Answer.judged(
        f"{len(findings)} of {plural(len({s.object for s in found}), 'setting')} looked at must change"
        + (f"; accepted: {accept}" if accept else ""),
        findings=findings,
        metrics=[Metric(name="risky_settings", value=len(findings), unit=Unit.COUNT)],
    )


def _is_risky(s: Setting) -> bool:
    bad = _RISKS[s.name].bad
    if s.name == "track_counts" and s.scope != _SERVER:
        bad = _OFF  # for the whole server, the autovacuum check says it
    return s.value.strip().lower() in bad


def _risky(s: Setting, risk: Risk) -> Finding:
    return Finding(
        rule="risky_setting",
        object=s.object,
        severity=risk.severity if s.scope == _SERVER else min(risk.alone, risk.severity),
        title=f"{s.object} is {s.value}: {risk.why}",
        remedy=s.reset if s.scope != _SERVER else f"{s.reset} -- or correct postgresql.conf, where it stands there",
        details={"scope": s.scope, "value": s.value},
    )


def _unseen(h: Hidden) -> Finding:
    return Finding(
        rule="server_value_hidden",
        object=f"{h.name} hidden by {h.scope}",
        severity=Severity.MEDIUM,
        title=f"the server's {h.name} cannot be seen: {h.scope}, by which Upkeep asks, sets it to {h.value}",
        remedy=h.reset,
        details={"scope": h.scope, "value": h.value},
    )


def _pending(s: Setting) -> Finding:
    return Finding(
        rule="pending_restart",
        object=s.name,
        severity=Severity.LOW,
        title=f"{s.name} was changed but is still {s.value} until the server is restarted",
        remedy="restart the server in a quiet hour: what it will do then has never been tried",
    )
