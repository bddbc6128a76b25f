"""When a new version may stay: with confidence at most one error budget worse than the one that runs."""

import pytest

import fake_prometheus
from datadevops.ops import canary
from datadevops.ops.canary import Count, Verdict
from datadevops.ops.objectives import Objective

BUDGET = 0.01
WORDS = {  # (bad, all) of the stable version, of the canary -> what is said
    "as good": ((50, 10_000), (50, 10_000), "good"),
    "better": ((300, 10_000), (0, 1_000), "good"),
    "worse by less than the budget": ((0, 10_000), (50, 10_000), "good"),
    "worse by the budget": ((0, 10_000), (100, 10_000), "too few"),
    "worse by more": ((0, 10_000), (300, 10_000), "worse"),
    "one failure of few": ((0, 10_000), (1, 20), "too few"),
    "no failure of few": ((0, 10_000), (0, 20), "too few"),
    "a canary that nobody called": ((0, 10_000), (0, 0), "too few"),
    "a stable version that nobody called": ((0, 0), (0, 10_000), "too few"),
    "every event bad beside one that nobody called": ((0, 0), (10_000, 10_000), "too few"),
}


@pytest.mark.parametrize(("stable", "new", "word"), WORDS.values(), ids=WORDS)
def test_a_version_is_judged_by_how_much_more_often_it_fails(stable, new, word):
    one, two = Count(*stable), Count(*new)

    assert Verdict("availability", one, two, *canary.difference(one, two), BUDGET).word == word


def test_the_bounds_are_those_of_the_paper(monkeypatch):
    """Newcombe (1998), table II, example (a), method 10: 56 of 70 and 48 of 80, with 95 % confidence."""
    monkeypatch.setattr(canary, "Z", 1.959964)

    assert canary.difference(Count(48, 80), Count(56, 70)) == pytest.approx((0.0524, 0.3339), abs=5e-5)


@pytest.fixture
def prometheus():
    """A server in the place of Prometheus, which answers with the age of each version in seconds, `ages`, or
    with its `events` since then."""

    def samples_for(query):
        if query.startswith("time()"):
            found = [({"service_version": each}, age) for each, age in server.ages.items()]
            return [({}, 7.0), *found]  # the first is of a replica that does not tell its version
        found = [({"service_version": each, "of": of}, n) for (each, of), n in server.events.items()]
        return [({"of": "total"}, 7.0), *found]

    with fake_prometheus.serving(samples_for) as server:
        server.ages, server.events = {"1.0": 9000, "1.1": 600}, {}
        yield server


def objective(name="availability", **selectors):
    return Objective(name, name, 0.99, 28, {}, **selectors)


BAD, GOOD = objective(total="all{}", bad="failed{}"), objective(total="all{}", good="done{}")
STALE = objective("freshness", query="age{}", limit=60)


def judged(prometheus, *objectives, seconds=1200):
    address = f"http://127.0.0.1:{prometheus.server_port}"
    return [*canary.judge(address, "shop", objectives, canary.RELEASE, ("1.0", "1.1"), seconds)]


EVENTS = {("1.0", "total"): 1000.4, ("1.0", "given"): 3.6, ("1.1", "total"): 99.6, ("1.1", "given"): 98.7}


@pytest.mark.parametrize(
    ("objective", "counter", "stable", "new"),
    [(BAD, "failed", Count(4, 1000), Count(99, 100)), (GOOD, "done", Count(997, 1000), Count(1, 100))],
    ids=["failures are counted", "successes are counted"],
)
def test_the_events_of_both_versions_are_counted_in_each_objective_that_has_any(
    prometheus, objective, counter, stable, new
):
    prometheus.events = EVENTS

    (verdict,) = judged(prometheus, STALE, objective)

    assert (verdict.objective, verdict.stable, verdict.canary) == ("availability", stable, new)
    assert (verdict.least, verdict.most) == canary.difference(stable, new)
    assert verdict.allowed == 0.01
    assert f"increase({counter}{{}}" in prometheus.asked[-1]
    assert sum("age{}" in query for query in prometheus.asked) == 0


def test_more_failures_than_events_are_as_many_events(prometheus):
    """Each counter is extrapolated by itself."""
    prometheus.events = {("1.0", "total"): 10, ("1.1", "total"): 2, ("1.1", "given"): 3}

    (verdict,) = judged(prometheus, BAD)

    assert (verdict.stable, verdict.canary) == (Count(0, 10), Count(3, 3))


@pytest.mark.parametrize(
    ("ages", "seconds", "looked", "counted"),
    [
        ({"1.0": 9000, "1.1": 600.4}, 1200, "[1200s:5s]", "[605s]"),
        ({"1.0": 9000, "1.1": 60}, 100, "[100s:1s]", "[61s]"),
        ({"1.0": 9000}, 1200, "[1200s:5s]", "[5s]"),
    ],
    ids=["since it began", "in a short time", "never seen"],
)
def test_events_count_from_the_start_of_the_canary(prometheus, ages, seconds, looked, counted):
    prometheus.ages = ages

    judged(prometheus, BAD, seconds=seconds)

    age, events = prometheus.asked
    assert looked in age
    assert (events.count(counted), events.count("increase(")) == (2, 2)
