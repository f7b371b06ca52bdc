"""Logins that may do more than their work needs."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from upkeep.answer import Answer, Finding, Metric, Severity
from upkeep.duty import check
from upkeep.humanize import plural
from upkeep.sources.logins import ADMINISTRATORS, Login, listed, privileged_logins
from upkeep.sources.postgres import Postgres
from upkeep.sources.rights import MONITOR
from upkeep.targets.database import Database
from upkeep.units import Unit
from upkeep.window import Cadence

# Whoever has one of these can become superuser and reach the server's files.
WHOLE = ("superuser", "pg_execute_server_program", "pg_write_server_files")
READ_PASSWORDS = "select pg_catalog.has_table_privilege('pg_catalog.pg_authid', 'select')"


@dataclass(frozen=True, slots=True)
class Named:
    """One role or schema."""

    name: str


@check(Cadence.WEEKLY, owner="security", needs=(MONITOR,))
def login_privileges(
    db: Database,
    pg: Postgres,
    *,
    expected: str = ADMINISTRATORS,
    tools: str = "psql,pgAdmin 4,pg_dump,pg_dumpall,pg_restore,DBeaver,upkeep",
) -> Answer:
    """
    Logins that are superusers, or as good as that, or may bypass what others are held by.

    Rights count that a login reaches through any chain of roles. It is worst when an application works with them: then one SQL
    injection owns the server. `expected` names the administrators, `tools` begins the application names that people use. Also
    reported: passwords stored as MD5 (only where Upkeep may read that) and schemas in which everybody may create.
    """
    found = [login for login in privileged_logins(pg) if login.name not in listed(expected)]
    readable = bool(pg.value(READ_PASSWORDS))
    hashed = pg.measure(_beside("passwords"), Named) if readable else []
    open_schemas = pg.measure(_beside("schemas"), Named)
    unread = "" if readable else "; how passwords are stored was not looked at (needs a superuser)"
    return Answer.judged(
        f"{plural(len(found), 'login')} with more than data rights, {plural(len(open_schemas), 'schema')} open to all{unread}",
        findings=[
            *(_login(login, _working(login, listed(tools))) for login in found),
            *(_hashed(role) for role in hashed),
            *(_open(schema) for schema in open_schemas),
        ],
        metrics=[Metric(name="privileged_logins", value=len(found), unit=Unit.COUNT)],
        evidence={"expected": sorted(listed(expected)), "passwords_read": readable},
    )


def _beside(part: str) -> str:
    return str(Path(__file__).with_name(f"login_privileges.{part}.py"))


def _working(login: Login, tools: Collection[str]) -> list[str]:
    """Applications that are no person's tool; one without a name counts."""
    return [a or "unnamed" for a in login.applications if not any(a.lower().startswith(tool.lower()) for tool in tools)]


def _login(login: Login, working: list[str]) -> Finding:
    use = f"used now by {', '.join(working[:5])}" if working else "no application uses it now"
    return Finding(
        rule="privileged_login",
        object=login.name,
        severity=_severity(login, working),
        title=f"login {login.name} has {login.powers_text}; {use}" + ("; its password has expired" if login.expired else ""),
        remedy=login.remedy + " -- or name it in the threshold expected, if it is an administrator's",
        details={"powers": dict(login.powers), "applications": working[:20], "expired": login.expired},
    )


def _severity(login: Login, working: list[str]) -> Severity:
    if any(power in WHOLE for power in login.powers):
        return Severity.HIGH if working else Severity.MEDIUM
    return Severity.LOW if set(login.powers) <= {"createdb", "replication"} else Severity.MEDIUM


def _hashed(role: Named) -> Finding:
    return Finding(
        rule="md5_password",
        object=role.name,
        severity=Severity.MEDIUM,
        title=f"the password of {role.name} is stored as MD5: whoever reads the hash can log in with it",
        remedy="set password_encryption = 'scram-sha-256' and give the role a new password with \\password in psql",
    )


def _open(schema: Named) -> Finding:
    return Finding(
        rule="schema_open_to_all",
        object=schema.name,
        severity=Severity.MEDIUM,
        title=f"everybody may create objects in schema {schema.name}, and so slip functions under other people's queries",
        remedy=f"revoke create on schema {schema.name} from public;",
    )
