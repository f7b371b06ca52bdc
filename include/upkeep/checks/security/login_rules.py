"""Rules of who may log in that are open too wide."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.formats.login_rule import LoginRule
from upkeep.humanize import plural
from upkeep.sources.logins import MANAGED
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import function
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

_RULES = function("pg_hba_file_rules()", "who may log in from where")
_MAPS = function("pg_ident_file_mappings()", "which names of the system may log in as which roles")
_ROLES = "select array(select rolname::text from pg_catalog.pg_roles where rolname = any(%s))"
_MAPS_SINCE = 15
_MAPS_SQL = Path(__file__).with_name("login_rules.maps.sql")
_ENCRYPTED = ("hostssl", "hostgssenc")
_IN_CLEAR = ("password", "ldap", "pam", "radius", "bsd")
_PASSWORDS = ("scram-sha-256", "md5", *_IN_CLEAR)
_ANYBODY = ("/.*", "/^.*$", "/^(.*)$", "/(.*)", "/.+", "/^.+$", "/^(.+)$", "/", "/^", "all")
_RELOAD = "then: select pg_reload_conf();"


@dataclass(frozen=True, slots=True)
class Mapping:
    """One line of pg_ident.conf."""

    map_name: str
    sys_name: str
    role: str


@check(Cadence.WEEKLY, owner="security", needs=(_RULES, _MAPS))
def login_rules(db: Database, pg: Postgres) -> Answer:
    """
    Rules of pg_hba.conf and pg_ident.conf that let in whom they should not.

    `trust` asks for no proof at all: critical where another machine can use it, medium on the server itself. Medium are
    passwords that may cross the network in clear, `ident` over the network, and every role from every address without demanding
    TLS (low with it): a firewall is then all that keeps password guessing out. All are less bad while the server listens to its
    own machine only. A map that lets every name in as one role is high. What an earlier line rejects is not judged. Where a
    managed service keeps the rules, only `trust` is judged, and not for its own roles.
    """
    managed = bool(pg.value(_ROLES, [list(MANAGED)]))
    rules = [rule for rule in pg.measure(__file__, LoginRule) if not rule.is_only_for(MANAGED)]
    maps = pg.query(_MAPS_SQL.read_text(encoding="utf-8"), Mapping) if pg.version >= _MAPS_SINCE else []
    found = [finding for rule in rules if not _turned_away(rule, rules) for finding in _judge(rule, managed=managed)]
    found += [_map(mapping) for mapping in maps if mapping.sys_name in _ANYBODY]
    findings = {(f.rule, f.object): f for f in reversed(found)}
    return Answer.judged(
        f"{len(findings)} of {plural(len(rules), 'login rule')} and {plural(len(maps), 'map')} let in more than they should",
        findings=findings.values(),
        metrics=[Metric(name="open_login_rules", value=len(findings), unit=Unit.COUNT, denominator=len(rules))],
    )


def _turned_away(rule: LoginRule, rules: list[LoginRule]) -> bool:
    """Whether an earlier line rejects whatever this one fits."""
    return any(r.method == "reject" and r.covers(rule) for r in rules[: rules.index(rule)])


def _judge(rule: LoginRule, *, managed: bool) -> Iterator[Finding]:
    if rule.method == "trust":
        yield _finding("trust_login", rule, _trusting(rule), "whoever can reach it may be any of these roles, without any proof")
    elif rule.is_local or managed:
        return
    elif rule.method == "ident":
        yield _finding("ident_over_network", rule, _reached(rule, Severity.MEDIUM), "the client's own machine says who it is")
    elif rule.method in _IN_CLEAR and rule.type not in _ENCRYPTED:
        yield _finding("password_in_clear", rule, _reached(rule, Severity.MEDIUM), "passwords may cross the network in clear")
    elif rule.method in _PASSWORDS and rule.is_wide and "all" in rule.users:
        yield _wide(rule)


def _trusting(rule: LoginRule) -> Severity:
    if rule.is_local:
        return Severity.MEDIUM
    return Severity.CRITICAL if rule.is_reachable else Severity.HIGH


def _reached(rule: LoginRule, severity: Severity) -> Severity:
    """Low for as long as no other machine reaches the server."""
    return severity if rule.is_reachable else Severity.LOW


def _wide(rule: LoginRule) -> Finding:
    demanded = rule.type in _ENCRYPTED
    return Finding(
        rule="login_from_anywhere",
        object=rule.without_address,
        severity=_reached(rule, Severity.LOW if demanded else Severity.MEDIUM),
        title=f"line {rule.line_number}: {rule.text}: every role may log in from every address"
        + ("" if demanded else ", and encryption is not demanded"),
        remedy=f"name the networks that clients come from{'' if demanded else ', make it hostssl'}, {_RELOAD}",
        details={"line": rule.line_number, "listen_addresses": rule.listens_on},
    )


def _finding(name: str, rule: LoginRule, severity: Severity, does: str) -> Finding:
    return Finding(
        rule=name,
        object=rule.text,
        severity=severity,
        title=f"line {rule.line_number}: {rule.text}: {does}",
        remedy=f"replace {rule.method} by {'peer or ' if rule.type == 'local' else ''}scram-sha-256, {_RELOAD}",
        details={"line": rule.line_number, "listen_addresses": rule.listens_on},
    )


def _map(mapping: Mapping) -> Finding:
    line = f"{mapping.map_name} {mapping.sys_name} {mapping.role}"
    own = "\\1" in mapping.role
    return Finding(
        rule="map_for_everybody",
        object=line,
        severity=Severity.LOW if own else Severity.HIGH,
        title=f"pg_ident.conf: {line}: every name may log in as "
        + ("the role of the same name, superusers included" if own else f"role {mapping.role}"),
        remedy=f"name who may, {_RELOAD}",
    )
