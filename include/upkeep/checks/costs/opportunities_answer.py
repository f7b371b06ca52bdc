"""The answer about opportunities: rows, findings that money does not reopen, and what stays unknown."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from upkeep.answer import Answer, Finding, Json, Metric, Severity, Status
from upkeep.checks.costs.opportunities_seen import EVERYWHERE, Seen
from upkeep.humanize import money, plural
from upkeep.opportunities.claims import Claimed
from upkeep.opportunities.looking import Blind, Looked
from upkeep.opportunities.prices import Price
from upkeep.opportunities.record import Opportunity
from upkeep.opportunities.view import tag_of
from upkeep.targets.account import Account
from upkeep.units import Unit

_CENT = Decimal("0.01")
_STAYS = Decimal("0.8")
_SOURCES = {"ledger": "list price times what the account pays of it", "list": "at list prices"}
_SHOWN = 3
Key = tuple[str, str, str]


def answer_of(account: Account, looked: Looked, seen: Seen, before: Json | None, least: Decimal) -> Answer:
    """The answer; `before` is what the last one remembered of what it found."""
    records = [_record(account, seen, each) for each in looked.savings]
    was = {_key(each): each for each in (before or {}).get("open", ())}
    found = {
        (r.rule, r.region, r.resource): _finding(r, each)
        for r, each in zip(records, looked.savings, strict=True)
        if _counts(r, was, least)
    }
    kept = dict(_kept(was, found, looked))
    answer = Answer.judged(
        _summary(records, looked, kept),
        findings=[*found.values(), *(_again(each, why) for each, why in kept.values())],
        metrics=_metrics(records, looked),
        evidence=_evidence(looked),
        state={"open": [*map(_remembered, found.values()), *(each for each, _ in kept.values())]},
        records=records,
    )
    unknown = bool(looked.blind or looked.unsure)
    return replace(answer, status=Status.UNKNOWN) if unknown and not answer.findings else answer


def _record(account: Account, seen: Seen, each: Claimed) -> Opportunity:
    saving, price = each.saving, each.saving.price
    tag = tag_of(saving.tags, account.protected_tags)
    confidence = "medium" if price.source == "list" and saving.confidence == "high" else saving.confidence
    return Opportunity(
        rule=each.rule.name,
        region=each.region,
        resource=saving.resource,
        account=seen.sub_account,
        name=saving.tags.get("Name") or None,
        monthly_low=_cents(price.low),
        monthly_expected=_cents(price.expected),
        monthly_high=_cents(price.high),
        currency=price.currency,
        price_source=price.source,
        confidence=confidence,
        effort=each.rule.effort,
        remedy=saving.remedy,
        proof=saving.proof,
        evidence={**saving.evidence, "price": dict(price.told), "tags": dict(saving.tags), "also": list(each.also)},
        protected_by=f"tag {tag}" if tag else saving.locked,
    )


def _cents(amount: Decimal) -> Decimal:
    return max(amount, Decimal(0)).quantize(_CENT, ROUND_HALF_UP)


def _counts(record: Opportunity, was: Mapping[Key, Json], least: Decimal) -> bool:
    """Whether it is worth a finding; one that was there stays a little longer, so that money near the limit opens nothing."""
    known = (record.rule, record.region, record.resource) in was
    return record.protected_by is None and record.monthly_expected >= least * (_STAYS if known else 1)


def _finding(record: Opportunity, each: Claimed) -> Finding:
    cost = f"{money(record.monthly_expected, record.currency)} a month"
    if record.monthly_low != record.monthly_high:
        cost += f" ({record.monthly_low:,.2f} to {record.monthly_high:,.2f})"
    return Finding(
        rule=record.rule,
        object=f"{record.region}/{record.resource}",
        severity=Severity.LOW,
        title=f"{each.saving.what}: {cost}, {_SOURCES[record.price_source]}",
        remedy=record.remedy,
        details={
            "proof": record.proof, "effort": record.effort, "confidence": record.confidence, "region": record.region,
            "resource": record.resource,
        },
    )  # fmt: skip


def _remembered(finding: Finding) -> dict[str, Any]:
    details = finding.details
    return {
        "rule": finding.rule, "region": details["region"], "resource": details["resource"], "title": finding.title,
        "remedy": finding.remedy,
    }  # fmt: skip


def _key(open_one: Json) -> Key:
    return str(open_one["rule"]), str(open_one["region"]), str(open_one["resource"])


def _kept(was: Mapping[Key, Json], found: Mapping[Key, Finding], looked: Looked) -> Iterator[tuple[Key, tuple[Json, str]]]:
    """What was found before and could not be looked at now: nobody knows that it is gone."""
    for key, each in was.items():
        blind = next((one for one in (*looked.blind, *looked.unsure) if _hides(one, key)), None)
        if blind and key not in found:
            yield key, (each, blind.why)


def _hides(blind: Blind, key: Key) -> bool:
    rule, region, resource = key
    return blind.rule == rule and blind.region in {region, EVERYWHERE} and blind.resource in {None, resource}


def _again(open_one: Json, why: str) -> Finding:
    rule, region, resource = _key(open_one)
    return Finding(
        rule=rule,
        object=f"{region}/{resource}",
        severity=Severity.LOW,
        title=f"{open_one['title']}, when it was last seen; not known now: {why}",
        remedy=str(open_one["remedy"]),
        details={"region": region, "resource": resource},
    )


def _summary(records: Sequence[Opportunity], looked: Looked, kept: Mapping[Key, Any]) -> str:
    free = [each for each in records if each.protected_by is None]
    sums = ", ".join(_sum(free, currency) for currency in sorted({each.currency for each in free}))
    parts = [f"{plural(len(free), 'opportunity', 'opportunities')}" + (f" worth {sums} a month" if sums else "")]
    at_list = sum(each.price_source == "list" for each in free)
    parts += [f"{at_list} at list prices, since the bill tells none"] if at_list else []
    protected = len(records) - len(free)
    parts += [f"{protected} protected"] if protected else []
    parts += [f"{looked.young} too young to be judged"] if looked.young else []
    parts += [f"{len(kept)} as last seen"] if kept else []
    return "; ".join([*parts, *_unknown(looked)])


def _sum(records: Sequence[Opportunity], currency: str) -> str:
    ours = [each for each in records if each.currency == currency]
    whole = Price(
        sum((each.monthly_low for each in ours), Decimal(0)),
        sum((each.monthly_expected for each in ours), Decimal(0)),
        sum((each.monthly_high for each in ours), Decimal(0)),
        currency,
        "",
    )
    return f"{money(whole.expected, currency)} ({whole.low:,.2f} to {whole.high:,.2f})"


def _unknown(looked: Looked) -> Iterator[str]:
    if actions := _lacking(looked):
        yield f"unknown for want of a right: allow {', '.join(actions)}"
    others = sorted({each.why for each in looked.blind if not each.action})
    if others:
        rules = len({each.rule for each in looked.blind if not each.action})
        yield f"unknown for {plural(rules, 'rule')}: {'; '.join(others[:_SHOWN])}"
    if unsure := [each for each in looked.unsure if not each.action]:
        yield f"unknown for {plural(len(unsure), 'resource')}, such as {unsure[0].resource}: {unsure[0].why}"


def _metrics(records: Sequence[Opportunity], looked: Looked) -> Iterator[Metric]:
    for name in sorted({each.rule for each in records}):
        count = sum(each.rule == name and each.protected_by is None for each in records)
        yield Metric(name="opportunities", value=count, unit=Unit.COUNT, labels={"rule": name})
    yield Metric(name="opportunities_unknown", value=len(looked.blind) + len(looked.unsure), unit=Unit.COUNT)
    yield Metric(name="opportunities_too_young", value=looked.young, unit=Unit.COUNT)


def _evidence(looked: Looked) -> dict[str, Any]:
    actions, remedies = _lacking(looked), sorted({each.remedy for each in (*looked.blind, *looked.unsure) if each.remedy})
    return {
        **({"remedy": "; ".join(remedies)} if remedies else {}),
        **({"allow": actions} if actions else {}),
        "unknown": [_line(each) for each in (*looked.blind, *looked.unsure)],
        "too_young": looked.young,
    }


def _lacking(looked: Looked) -> list[str]:
    """What a policy must allow beside what it does."""
    return sorted({each.action for each in (*looked.blind, *looked.unsure) if each.action})


def _line(blind: Blind) -> str:
    where = "" if blind.region == EVERYWHERE else f" in {blind.region}"
    return f"{blind.rule}{where}: {f'{blind.resource}: ' if blind.resource else ''}{blind.why}"
