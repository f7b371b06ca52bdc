"""Short ways to say something and to see what became of it."""

from typing import TYPE_CHECKING, Any, TypeAlias

from upkeep.notify.blocks import body, section
from upkeep.store.outbox import Message

if TYPE_CHECKING:
    import psycopg

Connection: TypeAlias = "psycopg.Connection[Any]"


def head(text: str, *, final: bool = True, thread: str = "daily/1") -> Message:
    return Message(key=f"{thread}/summary", thread=thread, kind="summary", body=body(text, [section([text])]), final=final)


def reply(name: str, thread: str = "daily/1") -> Message:
    return Message(key=f"{thread}/failure/{name}", thread=thread, kind="failure", body=body(name, [section([name])]))


def texts(messages: list[dict[str, Any]]) -> list[str]:
    return [m["text"] for m in messages]


def states(connection: Connection) -> dict[str, str]:
    return dict(connection.execute("select key, state from upkeep.message").fetchall())


def forget_waiting(connection: Connection) -> None:
    """As if the pauses were over."""
    connection.execute("update upkeep.message set next_attempt_at = now(), claimed_until = least(claimed_until, now())")
