"""What a fault of the service does to its store and asks of its callers, and that it undoes it.

No service runs here: whether the alert follows is what a drill shows.
"""

import subprocess
import time
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from datadevops.drill import faults
from datadevops.drill.stack import DrillError
from datadevops.errors import StoreError
from datadevops.models import scorer
from datadevops.ops import own_objectives
from datadevops.ops.objectives import BURNS
from datadevops.service.http import IN_FLIGHT
from datadevops.store import aliases
from datadevops.store.versions import Store
from runs import environment, program

BOOK = "# Burn\n\n```sh\nshop-forecast models rollback --why drill\n```\n"


class Bench:
    """What these faults need of a stack, without a service; `did`: what they asked of it."""

    def __init__(self, product, ran, folder, book):
        self.store, self.output, self.did, self._product = ran.store, "its output", [], product
        self.models = Store(ran.store / "models")
        (folder / "ops" / "runbooks").mkdir(parents=True)
        (folder / "ops" / "runbooks" / "AvailabilityBurnFast.md").write_text(book)
        self.objectives = {o.name: o for o in own_objectives.load(product, product.folder).slos}
        self.plan = SimpleNamespace(ops=folder / "ops", objective=lambda name: self.objectives[name])
        self.product = SimpleNamespace(
            rest=lambda: self.did.append("rest"),
            replace=lambda: self.did.append("replace"),
            traffic=SimpleNamespace(send_burst=self.did.append),
        )

    def command(self, *words):
        env = environment(self._product, STORE=self.store)
        return subprocess.Popen([*program(self._product), *words], env=env, stderr=subprocess.DEVNULL)

    def pause(self, _):
        self.did.append("pause")


@pytest.fixture
def bench(forecast, ran, tmp_path):
    """bench(book): the store of a run, and the runbook of a release that fails."""
    return lambda book=BOOK: Bench(forecast, ran, tmp_path, book)


def test_a_damaged_model_cannot_be_opened_until_it_is_whole_again(bench):
    broken = bench()
    before = aliases.require(broken.models, "champion")

    with faults.corrupt_model(broken):
        with pytest.raises(StoreError):
            aliases.require(broken.models, "champion")
        assert before.folder.joinpath(scorer.MODEL).stat().st_size > 1000

    assert aliases.require(broken.models, "champion") == before
    assert broken.did == ["replace", "rest", "replace"]


def test_a_bad_release_takes_one_row_and_no_two_and_its_runbook_rolls_it_back(bench):
    broken = bench()
    before = aliases.require(broken.models, "champion")

    with faults.bad_release(broken):
        model = scorer.load(aliases.require(broken.models, "champion"))
        row = np.zeros((1, len(model.inputs)), np.float32)
        assert model.forecast(row) == scorer.load(before).forecast(row)
        with pytest.raises(Exception, match="Expected: 1"):
            model.forecast(np.repeat(row, 2, axis=0))

    assert aliases.require(broken.models, "champion") == before
    assert broken.did == ["rest", "pause"]


WRONG_BOOKS = {
    "no command": ("# Burn\n", "the runbook has no rollback command"),
    "a command that fails": (BOOK.replace("--why", "--wy"), "the runbook's command failed\nits output"),
}


@pytest.mark.parametrize(("book", "told"), WRONG_BOOKS.values(), ids=WRONG_BOOKS)
def test_a_runbook_that_does_not_roll_back_fails_the_drill(bench, book, told):
    with pytest.raises(DrillError, match=f"^{told}$"), faults.bad_release(bench(book)):
        pass


@pytest.mark.parametrize(("target", "bursts"), [(0.995, 2), (0.97, 1), (0.96, 1), (0.9, 1)])
def test_an_overload_refuses_twice_the_share_that_the_alert_waits_for_again_and_again(bench, target, bursts):
    broken = bench()
    broken.objectives["availability"] = replace(broken.objectives["availability"], target=target)

    end = time.monotonic() + 10
    with faults.overload(broken):
        while len(broken.did) < bursts and time.monotonic() < end:
            time.sleep(0.01)

    least, most = 24 / (24 + IN_FLIGHT), 1 - IN_FLIGHT / faults.MOST_CALLERS
    wanted = 2 * max(BURNS["fast"], key=lambda burn: burn.hours).factor(28) * (1 - target)
    assert len(broken.did) >= bursts
    (callers,) = {*broken.did}
    assert (callers - IN_FLIGHT) / callers == pytest.approx(min(max(wanted, least), most), abs=0.01)
