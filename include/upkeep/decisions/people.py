"""Who may answer a question: people of the inventory as Airflow knows them, never the one who asked when there is another."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol


class Listed(Protocol):
    """As much of a person of the inventory as matters here."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def slack(self) -> str | None: ...  # noqa: D102
    @property
    def on_call(self) -> int | None: ...  # noqa: D102
    @property
    def airflow(self) -> str | None: ...  # noqa: D102
    @property
    def airflow_id(self) -> str | None: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who may answer: the name in the inventory, the Airflow user with its id, the Slack id."""

    name: str
    user: str
    user_id: str
    slack: str = ""

    @classmethod
    def of(cls, person: Listed) -> "Signer":
        """A person who has an Airflow user."""
        return cls(person.name, str(person.airflow), str(person.airflow_id or person.airflow), person.slack or "")

    def is_user(self, user: str | None) -> bool:
        """Whether Airflow means this person by a name or an id."""
        return user in {self.user, self.user_id}

    def to_json(self) -> dict[str, Any]:
        """As plain JSON."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Signers:
    """
    Who may answer, first choice first, and how many of them must.

    Nobody listed means that no person of the inventory has an Airflow user: then whoever may answer in Airflow does, still as
    many different people as are needed. `alone` is true when the only one there is had asked for it.
    """

    people: tuple[Signer, ...]
    needed: int = 1
    alone: bool = False

    @property
    def enough(self) -> bool:
        """Whether as many as are needed can answer."""
        return not self.people or len(self.people) >= self.needed

    @property
    def names_text(self) -> str:
        """Their names, for the question."""
        if not self.people:
            return "whoever may answer in Airflow; no owner or person on call has `airflow` in the inventory"
        names = " or ".join(each.name for each in self.people)
        return f"{names}, who asked for it, since there is nobody else" if self.alone else names


def signers(people: Iterable[Listed], owner: str, *, needed: int = 1, asked_by: str | None = None) -> Signers:
    """The owner and those on call who have an Airflow user; not who asked, unless there is nobody else."""
    able = [p for p in people if p.airflow and (p.on_call or p.name == owner)]
    ranked = [Signer.of(p) for p in sorted(able, key=lambda p: (p.name != owner, p.on_call or len(able)))]
    others = [each for each in ranked if asked_by is None or not each.is_user(asked_by)]
    return Signers(tuple(others or ranked), needed, alone=bool(ranked) and not others)


def without(people: Sequence[Signer], users: Iterable[str]) -> list[Signer]:
    """Those who are none of these Airflow users."""
    taken = set(users)
    return [each for each in people if each.user not in taken and each.user_id not in taken]


def next_on_call(people: Iterable[Listed], called: str) -> Listed | None:
    """Whom to call when the one called first has not answered: the next on call, else None."""
    on_call = sorted((p for p in people if p.on_call and p.name != called), key=lambda p: p.on_call or 0)
    return on_call[0] if on_call else None
