"""What a user of the dataset sees: the run, versions, the way back."""

import json
from typing import Any


def test_before_the_first_run_status_says_what_to_do(command: Any) -> None:
    answer = command("status")

    assert answer.code == 2
    assert "there is no published version yet" in answer.err
    assert "run` makes one" in answer.err


def test_a_run_tells_its_figures_and_json_tells_the_same(command: Any, ran: Any) -> None:
    plain = command("run", store=ran.store)
    data = json.loads(command("run", "--json", store=ran.store).out)

    assert plain.code == 0
    assert "26,115 rows: 26,113 good, 2 in quarantine" in plain.out
    assert data["versions"]["dataset"] in plain.out
    assert "\x1b" not in plain.out + plain.err


def test_versions_are_listed_rolled_back_and_promoted(command: Any, ran_twice: Any) -> None:
    listed = json.loads(command("publish", "list", "--json", store=ran_twice.store).out)
    second, first = (version["version"] for version in listed)

    back = command("publish", "rollback", store=ran_twice.store)
    again = command("publish", "rollback", store=ran_twice.store)
    run = command("run", store=ran_twice.store)
    forth = command("publish", "promote", second, store=ran_twice.store)

    assert [version["published"] for version in listed] == [True, False]
    assert (back.code, again.code, run.code, forth.code) == (0, 2, 1, 0)
    assert f"published is {first}" in back.out
    assert "error[ST003]" in again.err
    assert "error[PB001]" in run.err
