"""What people are told of a decision, by way of the outbox: one message that changes in place, and replies that call somebody."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from airflow.sdk.configuration import conf

from upkeep.airflow_bridge import notifications
from upkeep.config.inventory import current
from upkeep.decisions.decision import Standing, Status
from upkeep.decisions.people import Signers, next_on_call
from upkeep.notify import decision as messages
from upkeep.notify.decision import Told
from upkeep.notify.links import Links
from upkeep.store.decisions import signatures
from upkeep.store.outbox import Message, put

if TYPE_CHECKING:
    import psycopg


def tell(store: "psycopg.Connection[Any]", standing: Standing, *, problem: str = "") -> None:
    """
    Say how a decision stands, in its one message. Saying the same again sends nothing, so it may be repeated at will.

    `problem` is why it cannot be asked.
    """
    told = _message_facts(store, standing, problem=problem)
    match standing.status:
        case Status.OPEN:
            body = messages.impossible(told) if problem else messages.asked(told)
        case Status.ANSWERED:
            body = messages.answered(told, str(standing.outcome))
        case Status.MISSED:
            body = messages.missed(told)
        case Status.WITHDRAWN:
            body = messages.withdrawn(told)
    _put(store, standing, "", body)
    if standing.status is Status.MISSED:
        called = next_on_call(current().settings.people, _first(standing))
        told = _message_facts(store, standing)
        told = replace(told, called=(called.slack or "") if called else "", called_name=called.name if called else "")
        _put(store, standing, "/missed", messages.escalation(told))


def remind(store: "psycopg.Connection[Any]", standing: Standing) -> None:
    """Remind people at half the time, as a reply to the message; once, however often it is called."""
    _put(store, standing, "/reminder", messages.reminder(_message_facts(store, standing)))


def deliver() -> None:
    """Send what is due now; what Slack does not take waits in the outbox."""
    notifications.deliver_now(notifications.BUDGET_S)


def link_of(standing: Standing) -> str:
    """Where it is answered: the task's tab in Airflow."""
    where = Links(_base_url(), standing.dag_id or "decisions", standing.run_id or standing.decision.subject.run_id)
    return f"{where.task(standing.task_id or 'answer')}/required_actions"


def _message_facts(store: "psycopg.Connection[Any]", standing: Standing, *, problem: str = "") -> Told:
    decision, signed = standing.decision, signatures(store, standing.decision.key)
    waiting = [each for each in standing.signers if each.name not in {one.person for one in signed}]
    return Told(
        subject=decision.question.subject,
        target=decision.subject.target,
        due=f"{standing.due_at.astimezone(UTC):%a %-d %b %Y %H:%M} UTC",
        who=Signers(standing.signers, decision.needed).names_text,
        link=link_of(standing),
        page=f"{_base_url().rstrip('/')}/upkeep/decision?key={quote(decision.key, safe='')}",
        needed=decision.needed,
        signed=tuple(each.person for each in signed),
        called=waiting[0].slack if waiting else "",
        called_name=waiting[0].name if waiting else "",
        reason=problem or standing.reason or "",
        result=_result(standing),
    )


def _result(standing: Standing) -> str:
    if standing.result is None:
        return ""
    return f"{'Done' if standing.result_ok else '🔴 Not done as approved'}: {standing.result}"


def _put(store: "psycopg.Connection[Any]", standing: Standing, suffix: str, body: dict[str, Any]) -> None:
    if not current().settings.notify.slack_connection:
        return  # a message that nobody could send would be sent long after, when a connection is added
    thread = f"decision/{standing.decision.key}/{standing.round}"
    put(store, Message(key=f"{thread}{suffix}", thread=thread, kind="failure" if suffix else "summary", body=body))


def _first(standing: Standing) -> str:
    return standing.signers[0].name if standing.signers else ""


def _base_url() -> str:
    return str(conf.get("api", "base_url", fallback="http://localhost:8080"))


def now() -> datetime:
    """The moment of whatever a person or a scheduler does."""
    return datetime.now(UTC)
