"""Each fault of the catalogue is seen by its gate, and by no other: a gate that never bites guards nothing.

The gates are those of the product's own tox.toml, its main job, the hook for contracts, and the checker of
standards; faults in the kit are seen by the kit's tests.
"""

import re
import shutil
import sys
from pathlib import Path

import pytest

import bake
import gates
import workshop
from declaration import ROOT
from faults import FAULTS
from faults.fault import Fault

pytestmark = pytest.mark.bites

EVERY = [each for found in FAULTS.values() for each in found]
# Quick enough to be asked about each fault.
QUICK = ["lint", "contracts", "review"]
# A rule that is only a `should` lets a product pass. So each rule that a fault breaks is made a `must` here.
RULES = {rule for each in EVERY for rule in re.findall(r"^DD\d+$", each.says)}
COMMANDS = {"job": ["run"], "contracts": ["contract", "check"]}


@pytest.fixture(scope="session")
def released(whole_baked: Path, environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A product with a release, and a commit since. Read only: copy it to break it."""
    product = gates.released(whole_baked, environment, tmp_path_factory.mktemp("released"))
    (product / "notes.txt").write_text("Work has gone on.\n", encoding="utf-8")
    bake.commit(product, "notes")
    return product


@pytest.fixture
def product(released: Path, tmp_path: Path) -> Path:
    return shutil.copytree(released, tmp_path / released.name, symlinks=True)


@pytest.fixture
def ask(product: Path, environment: Path, whole_template: Path, tmp_path: Path) -> "Ask":
    return Ask(product, environment, whole_template, tmp_path / "datadevops.toml")


class Ask:
    """What a gate says about a product."""

    def __init__(self, product: Path, environment: Path, template: Path, profile: Path) -> None:
        self.product, self.environment = product, environment
        self.template, self.profile = template, profile

    def __call__(self, gate: str) -> workshop.Done:
        if gate in COMMANDS:
            command = ["rain-forecast", *COMMANDS[gate]]
            return workshop.at_work(self.product, self.environment, *command)
        if gate in {"review", "template"}:
            more = ["--template", str(self.template)] if gate == "template" else []
            musts = RULES if more else RULES - {"DD415"}  # which compares with the template
            self.profile.write_text("[levels]\n" + "".join(f'{rule} = "must"\n' for rule in sorted(musts)))
            words = [".", "--profile", str(self.profile), *more]
            return bake.run(sys.executable, "-m", "datadevops_review", *words, cwd=self.product)
        if gate.startswith("tests/kit"):
            tests = [sys.executable, "-m", "pytest", "-c", "tests/kit/pytest.ini", gate, "-x", "-q"]
            kit = self.product / "vendor" / "datadevops-kit" / "src"
            return bake.run(*tests, "-p", "no:cacheprovider", cwd=ROOT, PYTHONPATH=str(kit))
        more = ["-x"] if gate == "test" else []
        return gates.gate(self.product, self.environment, gate, *more)


def said(done: workshop.Done) -> str:
    return f"exit code {done.returncode}\n{done.stdout}{done.stderr}"


def test_no_gate_bites_a_fresh_product(ask: Ask) -> None:
    asked = {*QUICK, *(each.gate for each in EVERY if not each.gate.startswith("tests/kit"))} - {"template"}

    done = {gate: ask(gate) for gate in sorted(asked)}

    assert {gate: said(each) for gate, each in done.items() if each.returncode} == {}


@pytest.mark.parametrize("fault", EVERY, ids=[each.title for each in EVERY])
def test_a_fault_is_seen_by_its_gate_and_by_no_other(fault: Fault, product: Path, ask: Ask) -> None:
    fault.make(product)
    bake.git("add", "--all", cwd=product)

    seen = ask(fault.gate)
    others = {gate: ask(gate) for gate in QUICK if gate != fault.gate}

    assert seen.returncode in {1, 2}, said(seen)  # 3 is NOT RUN
    assert re.search(fault.says, seen.stdout + seen.stderr), said(seen)
    failing = {gate: said(done) for gate, done in others.items() if done.returncode}
    assert failing.keys() == fault.also, failing


def test_there_are_faults_enough_and_each_is_told_apart() -> None:
    assert len(EVERY) >= 40
    assert len({each.title for each in EVERY}) == len(EVERY)
