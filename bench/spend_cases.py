"""
How many of about sixty things wrong with a bill are found, and how many alarms are false, beside two other rules.

Each bill is looked at as it was known at the end of each of 60 days, with 110 days of history. A thing is found when an alarm of
its service, in its direction, is there while it lasts or begins within three days of its end. Any other alarm is false.

Run: python -m bench.spend_cases [every how many-th bill]
"""

import sys
from collections import defaultdict
from collections.abc import Callable, Sequence

from bench.spend.bills import JUDGED, Bill, bills
from bench.spend.rules import Told, as_aws_documents, half_and_two_sigma, ours

RULES: dict[str, Callable[[Bill], list[Told]]] = {
    "ours": ours, "AWS's documented rule": as_aws_documents, "> 50 % and > 2 sigma": half_and_two_sigma,
}  # fmt: skip
GRACE = 3
Count = tuple[int, int, int]
"""Things that were wrong, found, and false alarms."""


def main(every: int = 1) -> None:
    """Print a table: by kind and in all, for each rule."""
    counted: dict[str, dict[str, list[Count]]] = defaultdict(lambda: defaultdict(list))
    looked = list(bills())[::every]
    for bill in looked:
        for name, rule in RULES.items():
            counted[bill.kind][name].append(count(bill, rule(bill)))
    print(f"{len(looked)} bills of six services, {JUDGED} days each: found of wrong (false alarms)")
    print(f"{'':20}" + "".join(f"{name:>26}" for name in RULES))
    for kind, rules in counted.items():
        print(f"{kind:20}" + "".join(f"{_said(rules[name]):>26}" for name in RULES))
    totals = {name: [one for rules in counted.values() for one in rules[name]] for name in RULES}
    print(f"{'recall':20}" + "".join(f"{_share(_sum(totals[n])[1], _sum(totals[n])[0]):>26}" for n in RULES))
    print(f"{'precision':20}" + "".join(f"{_share(_sum(totals[n])[1], sum(_sum(totals[n])[1:])):>26}" for n in RULES))


def count(bill: Bill, told: Sequence[Told]) -> Count:
    """How a rule did on one bill."""
    found, false = set(), 0
    for alarm in told:
        fitting = [
            wrong
            for wrong in bill.wrong
            if wrong.service == alarm.service
            and wrong.up == alarm.up
            and wrong.begin <= alarm.last
            and alarm.day < wrong.begin + wrong.days + GRACE
        ]
        found.update(fitting)
        false += not fitting
    return len(bill.wrong), len(found), false


def _sum(counts: Sequence[Count]) -> Count:
    wrong, found, false = (sum(parts) for parts in zip(*counts, strict=True))
    return wrong, found, false


def _said(counts: Sequence[Count]) -> str:
    wrong, found, false = _sum(counts)
    return f"{found} of {wrong} ({false})"


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.0%} ({part} of {whole})" if whole else "-"


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:]))
