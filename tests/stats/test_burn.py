"""Burn rates: known factors, cases counted by hand, and whatever comes against a slow replay that is plainly right."""

import random
from fractions import Fraction

import pytest

from upkeep.stats.burn import RULES, BurnRule, Count, Counts, firing
from upkeep.stats.burn_replay import SETTLE, BurnAlert, replay

DAY = 1_440
MONTH = 30 * DAY
BUDGET = Fraction(1, 1000)
HOUR, SIX, ONE_DAY, THREE_DAYS = RULES


def flat(minutes: int, requests: int = 100, bad: int = 0) -> list[tuple[Count, Count]]:
    return [(bad, requests)] * minutes


def counts(*parts: list[tuple[Count, Count]]) -> Counts:
    every = [pair for part in parts for pair in part]
    return Counts([bad for bad, _ in every], [requests for _, requests in every])


def alerts(*parts: list[tuple[Count, Count]], least_bad: int = 5) -> list[BurnAlert]:
    return replay(counts(*parts), BUDGET, MONTH, least_bad=least_bad)


def test_factors_are_those_of_the_workbook_for_30_and_28_days() -> None:
    assert [float(rule.factor(MONTH)) for rule in RULES] == [14.4, 6, 3, 1]
    assert [round(float(rule.factor(28 * DAY)), 2) for rule in RULES] == [13.44, 5.6, 2.8, 0.93]
    assert [(rule.long, rule.short) for rule in RULES] == [(60, 5), (360, 30), (1_440, 120), (4_320, 360)]
    assert all(rule.short * 12 == rule.long for rule in RULES)


@pytest.mark.baseline
def test_within_the_budget_nothing_comes() -> None:
    assert alerts(flat(3 * DAY)) == []
    assert alerts(flat(3 * DAY, 1000, 1)) == []


@pytest.mark.near_miss
def test_a_rate_that_equals_its_limit_is_not_above_it() -> None:
    limit = BUDGET * HOUR.factor(MONTH)
    assert not any(firing(counts(flat(120, 10_000, 144)), HOUR, limit, 1))
    assert any(firing(counts(flat(120, 10_000, 145)), HOUR, limit, 1))


@pytest.mark.fault
def test_an_outage_pages_once_its_share_of_an_hour_is_bad() -> None:
    # 100 requests a minute: above 1.44 % of 6,000 are 87, which the first minute of an outage brings alone.
    (page, ticket) = alerts(flat(3 * DAY), flat(10, 100, 100), flat(DAY))
    assert (page.kind, page.rule, page.begin, page.first_bad) == ("page", HOUR, 3 * DAY, 3 * DAY)
    # The quick rule is over 5 minutes after the last bad one, the other 30 after: together they are one page.
    assert page.end == 3 * DAY + 10 + 29
    # Above 0.3 % of a day's 144,000 requests are 433: the fifth minute. It is over 2 hours after the last bad minute.
    assert (ticket.kind, ticket.rule, ticket.begin, ticket.end) == ("ticket", ONE_DAY, 3 * DAY + 4, 3 * DAY + 10 + 359)


@pytest.mark.fault
def test_a_slow_burn_pages_late_and_says_its_first_bad_minute() -> None:
    # 2 % of an hour: after 0.72 of it, above 86.4 of 6,000, so 44 minutes of 2 bad each.
    (page, *_) = alerts(flat(3 * DAY), flat(120, 100, 2))
    assert (page.rule, page.begin, page.first_bad) == (HOUR, 3 * DAY + 43, 3 * DAY)
    assert page.end is None


@pytest.mark.fault
def test_what_burns_at_twice_the_budget_is_a_ticket_only() -> None:
    (ticket,) = alerts(flat(3 * DAY, 1000), flat(3 * DAY, 1000, 2))
    assert (ticket.kind, ticket.rule) == ("ticket", THREE_DAYS)
    assert ticket.begin == 3 * DAY + THREE_DAYS.long // 2


@pytest.mark.near_miss
def test_one_error_of_a_quiet_service_wakes_nobody() -> None:
    quiet = [*flat(29, 0), (0, 1)] * 48 * 3
    assert alerts(quiet, [(1, 1)], flat(60, 0)) == []
    assert alerts(quiet, [(1, 1)], flat(60, 0), least_bad=1) != []


@pytest.mark.fault
def test_a_quiet_service_that_fails_wholly_pages_by_the_longer_window() -> None:
    outage = [*flat(19, 0), (1, 1)] * 18
    (page, *_) = alerts(flat(3 * DAY, 0), outage)
    assert (page.rule, page.begin) == (SIX, 3 * DAY + 99)


@pytest.mark.near_miss
def test_minutes_that_nobody_saw_neither_begin_nor_end_an_alert() -> None:
    unseen: list[tuple[Count, Count]] = [(None, None)] * 300
    assert alerts(flat(3 * DAY), unseen, flat(DAY)) == []
    page = alerts(flat(3 * DAY), flat(20, 100, 50), unseen, flat(DAY))[0]
    assert page.end is not None
    # Of the half hour that the slower rule looks at, 15 minutes must be seen again.
    assert page.end == 3 * DAY + 20 + 300 + 14
    assert [alert.kind for alert in alerts(flat(3 * DAY), flat(20, 100, 50), unseen, flat(20, 100, 50))].count("page") == 1


@pytest.mark.near_miss
def test_of_a_window_that_was_seen_by_less_than_half_nothing_is_told() -> None:
    half: list[tuple[Count, Count]] = [(None, None), (0, 100)] * (2 * DAY)
    assert alerts(half, [(None, None), (100, 100)] * 10) != []
    less: list[tuple[Count, Count]] = [(None, None), (None, None), (0, 100)] * DAY
    assert alerts(less, [(None, None), (None, None), (100, 100)] * 10) == []


def test_an_alert_that_comes_again_at_once_never_went() -> None:
    rule = (BurnRule("page", Fraction(2, 100), 60, 1),)
    gap = flat(SETTLE, 100, 0)
    once = replay(counts(flat(100), flat(1, 100, 100), gap, flat(1, 100, 100), flat(9)), BUDGET, MONTH, least_bad=1, rules=rule)
    assert len(once) == 2
    gap = flat(SETTLE - 1, 100, 0)
    once = replay(counts(flat(100), flat(1, 100, 100), gap, flat(1, 100, 100), flat(9)), BUDGET, MONTH, least_bad=1, rules=rule)
    assert [(alert.begin, alert.end) for alert in once] == [(100, 100 + SETTLE + 1)]


def test_a_series_of_a_day_is_judged_by_its_counts() -> None:
    # A day up and five minutes down: the hour's rule tells it, and what three days would say nobody knows.
    found = alerts(flat(DAY), flat(5, 100, 100))
    assert [(alert.kind, alert.begin) for alert in found] == [("page", DAY), ("ticket", DAY + 4)]


@pytest.mark.parametrize("seed", range(25))
def test_whatever_comes_a_slow_replay_says_the_same(seed: int) -> None:
    chance = random.Random(seed)  # noqa: S311 - a test that can be repeated
    rules = (
        BurnRule("page", Fraction(1, 50), 12, 3),
        BurnRule("page", Fraction(1, 20), 40, 6),
        BurnRule("ticket", Fraction(1, 5), 90, 9),
    )
    made = counts(*(_stretch(chance) for _ in range(chance.randint(3, 14))))
    for rule in rules:
        limit = BUDGET * rule.factor(500)
        assert firing(made, rule, limit, 2) == _slowly(made, rule, limit, 2)
    found = replay(made, BUDGET, 500, least_bad=2, rules=rules)
    for alert in found:
        limit = BUDGET * alert.rule.factor(500)
        assert alert.first_bad <= alert.begin < (alert.end or len(made.bad))
        assert made.above(alert.first_bad, limit)


def _stretch(chance: random.Random) -> list[tuple[Count, Count]]:
    share, requests = chance.choice([0, 0.001, 0.02, 0.3]), chance.choice([0, 1, 50, 1000])
    if chance.random() < 0.2:
        return [(None, None)] * chance.randint(1, 40)
    return [(min(requests, round(share * requests * 2 * chance.random())), requests) for _ in range(chance.randint(1, 60))]


def _slowly(made: Counts, rule: BurnRule, limit: Fraction, least_bad: int) -> list[bool]:
    states: list[bool] = []
    for place in range(len(made.bad)):
        told = []
        for length in (rule.long, rule.short):
            begin = max(0, place + 1 - length)
            pairs = [
                (b, a) for b, a in zip(made.bad[begin : place + 1], made.all[begin : place + 1], strict=True) if b is not None
            ]
            bad, every = sum(b for b, _ in pairs), sum(a or 0 for _, a in pairs)
            told.append((bad, bool(every) and Fraction(bad, every) > limit) if 2 * len(pairs) >= length else None)
        known = [each for each in told if each is not None]
        if any(not over for _, over in known):
            states.append(False)
        elif len(known) < len(told):
            states.append(bool(states) and states[-1])
        else:
            states.append(known[0][0] >= least_bad)
    return states


@pytest.mark.baseline
def test_a_month_at_its_budget_brings_nothing() -> None:
    assert replay(counts(flat(33 * DAY, 1000, 1)), BUDGET, MONTH, least_bad=5) == []


@pytest.mark.parametrize("times", [10**11, 10**17])
def test_counts_beyond_64_bits_are_judged_as_small_ones_are(times: int) -> None:
    away: list[tuple[Count, Count]] = [(None, None)] * 90
    parts = (flat(2 * DAY, 10_000, 1), flat(30, 10_000, 5_000), flat(DAY, 10_000, 1), away, flat(60, 10_000, 9))
    small = counts(*parts)
    large = Counts([b and b * times for b in small.bad], [a and a * times for a in small.all])
    assert replay(large, BUDGET, MONTH, least_bad=5) == replay(small, BUDGET, MONTH, least_bad=5) != []


@pytest.mark.parametrize(("good", "first"), [(4, 0), (5, 5)])
def test_the_first_bad_minute_is_looked_for_until_so_many_good_ones(good: int, first: int) -> None:
    (page, *_) = alerts(flat(3 * DAY), flat(1, 100, 80), flat(good), flat(10, 100, 100))
    assert (page.begin, page.first_bad) == (3 * DAY + good + 1, 3 * DAY + (first and good + 1))


def test_minutes_that_nobody_saw_are_no_good_ones_before_the_first_bad() -> None:
    (page, *_) = alerts(flat(3 * DAY), flat(1, 100, 80), [(None, None)] * 10, flat(10, 100, 100))
    assert page.first_bad == 3 * DAY


@pytest.mark.near_miss
@pytest.mark.parametrize("bad", [100, 144])
def test_a_minute_at_its_limit_is_not_the_first_bad_one(bad: int) -> None:
    (page, *_) = alerts(flat(3 * DAY, 10_000), flat(3, 10_000, bad), flat(10, 10_000, 10_000))
    assert page.first_bad == 3 * DAY + 3


def test_no_minutes_have_no_states() -> None:
    assert firing(Counts([], []), HOUR, BUDGET, 1) == []
