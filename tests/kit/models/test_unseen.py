"""A champion that has learnt rows which are held out now is not taken for one to which they are new."""

import pytest

from datadevops.models import unseen

BY_ROW = {"newest_from": None, "split_by": ["player", "team", "season"]}
BY_PLAYER = {"newest_from": None, "split_by": ["player"]}
BY_TIME = {"newest_from": "2025-03-16T00:00:00", "split_by": [], "time": "opened_at"}
LATER = BY_TIME | {"newest_from": "2025-03-17T00:00:00"}
BY_OTHER_TIME = BY_TIME | {"time": "closed_at"}
UNRECORDED, UNRECORDED_TIME = {"newest_from": None}, {"newest_from": "2025-03-16T00:00:00", "split_by": []}


@pytest.mark.parametrize(
    ("champion", "candidate", "words"),
    [
        (BY_ROW, BY_PLAYER, "was split by player, team, season, so it knows rows that are held out now"),
        (BY_PLAYER, BY_ROW, "was split by player, so"),
        (BY_TIME, BY_PLAYER, "was split by time (opened_at), so"),
        (BY_PLAYER, BY_TIME, "was split by player, so"),
        (BY_OTHER_TIME, BY_TIME, "was split by time (closed_at), so"),
    ],
)
def test_a_champion_of_another_split_knows_rows_that_are_held_out_now(champion, candidate, words):
    assert words in unseen.other_split(champion, candidate)


@pytest.mark.parametrize(
    ("champion", "candidate"),
    [
        (BY_PLAYER, BY_PLAYER),
        (BY_TIME, LATER),
        (LATER, BY_TIME),
        (UNRECORDED, BY_PLAYER),
        (UNRECORDED_TIME, BY_TIME),
    ],
)
def test_nothing_is_said_of_the_same_split_or_of_one_that_is_not_recorded(champion, candidate):
    assert unseen.other_split(champion, candidate) == ""


@pytest.mark.parametrize(
    ("champion", "candidate", "first"),
    [
        (LATER, BY_TIME, "2025-03-17T00:00:00"),
        (BY_TIME, LATER, None),
        (BY_TIME, BY_TIME, None),
        (BY_ROW, BY_ROW, None),
    ],
)
def test_only_rows_before_the_held_out_ones_of_the_champion_may_be_known_to_it(champion, candidate, first):
    assert unseen.newer_than(champion, candidate) == first
