"""When a new version may stay: with confidence at most one error budget worse than the one that runs."""

import pytest

from datadevops.ops import canary
from datadevops.ops.canary import Count, Verdict

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
