"""What a manual run was asked to do: which targets, which areas, which window, or only the report again."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from airflow.sdk import Param

from upkeep.config.inventory import Inventory
from upkeep.duty import Duty


@dataclass(frozen=True, slots=True)
class Selection:
    """Empty `targets` or `areas` mean all of them."""

    targets: frozenset[str] = frozenset()
    areas: frozenset[str] = frozenset()
    report_only: bool = False

    @classmethod
    def of(cls, params: Mapping[str, Any]) -> "Selection":
        """From the values of the form."""
        return cls(frozenset(params.get("targets") or ()), frozenset(params.get("areas") or ()), bool(params.get("report_only")))

    def includes(self, duty: Duty, target: str) -> bool:
        """Whether this question is to be put."""
        return (
            not self.report_only and (not self.targets or target in self.targets) and (not self.areas or duty.area in self.areas)
        )


def not_put(
    selection: Selection, answered: Collection[tuple[str, str]], duties: Iterable[Duty], inventory: Inventory
) -> list[tuple[str, int]]:
    """
    Task id and map index of every question that no task is to put, as the DAG of these duties calls them.

    It was not selected, or is among the pairs of duty and target that are `answered` already.
    """
    return [
        (f"{duty.area}.{duty.name}", index)
        for duty in duties
        for index, target in enumerate(inventory.of(duty.target))
        if not selection.includes(duty, target.name) or (duty.name, target.name) in answered
    ]


def form(inventory: Inventory, duties: tuple[Duty, ...]) -> dict[str, Param]:
    """The form of a manual run; Airflow checks what is entered against it."""
    targets = [target.name for target in inventory.targets]
    areas = sorted({duty.area for duty in duties})
    moment: dict[str, Any] = {"type": ["null", "string"], "format": "date-time"}
    return {
        "targets": _several("Targets", targets, "Ask only about these; none chosen means all"),
        "areas": _several("Areas", areas, "Put only the questions of these areas; none chosen means all"),
        "from": Param(None, title="Window from", description="Start of another window; needs `to` as well", **moment),
        "to": Param(None, title="Window to", description="End of that window, excluded", **moment),
        "report_only": Param(
            default=False, type="boolean", title="Report only", description="Ask nothing; report again on what is stored"
        ),
    }


def _several(title: str, values: list[str], description: str) -> Param:
    return Param(
        [],
        type=["null", "array"],
        title=title,
        description_md=description,
        examples=values,
        items={"type": "string", "enum": values},
    )
