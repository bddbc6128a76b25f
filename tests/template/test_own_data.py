"""Other people's data in a baked product, by the steps of its README alone: four tables joined, a price
without a time, three classes in groups, counts by the hour.

Slow, and needs the package index: `tox -e own-data`.
"""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import bake
import own_data
from declaration import DECLARED

TEAM = Path(__file__).with_name("own_data")  # what a team writes
PREDICTED = ("features", "labels", "predictions")
# What the commands of the README write, beside files of the team.
WRITTEN = (
    "ops/generated/",
    "docs/model-card.md",
    "product.odps.yaml",
    ".example-files",
    "example-removed/",
    "store/",
    ".copier-answers.yml",
    "uv.lock",
)


@dataclass(frozen=True)
class Brought:
    files: Callable[[Path], None]
    after_outcome: dict[str, tuple[str, ...]]  # table -> its columns that are known only after the outcome
    key: str = ""  # where the guess is not the right one
    timed: bool = True


SETS = {
    "flights": Brought(
        own_data.flights, {"flights": ("dep_time", "dep_delay", "arr_time", "arr_delay", "air_time")}
    ),
    "diamonds": Brought(own_data.diamonds, {"diamonds": ("price",)}, timed=False),
    "votes": Brought(own_data.votes, {"votes": ("vote",)}, "voter,gender", timed=False),
    "departures": Brought(own_data.departures, {}),
}


@pytest.mark.own_data
@pytest.mark.parametrize("name", SETS)
def test_other_people_s_data_become_a_product_by_the_readme_alone(
    name: str, whole_baked: Path, tmp_path: Path
) -> None:
    product = shutil.copytree(whole_baked, tmp_path / "rain-forecast", symlinks=True)
    bake.commit(product, "as it is baked")

    ran = bring(product, name)
    show_a_request(product)
    tested = bake.run("uv", "run", "tox", "-e", "lint,type,test,ops", cwd=product)

    assert "gate         passed" in ran
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert edited_by_nobody(product) == []


RARE = [pytest.param(name, marks=pytest.mark.long) for name in SETS if name != "departures"]


@pytest.mark.drill
@pytest.mark.parametrize("name", ["departures", *RARE])
def test_a_drill_of_such_a_product_is_told(name: str, whole_baked: Path, tmp_path: Path) -> None:
    product = shutil.copytree(whole_baked, tmp_path / "rain-forecast", symlinks=True)
    bring(product, name)

    done = bake.run("uv", "run", product.name, "drill", cwd=product)

    if done.returncode == 3:
        pytest.skip(f"NOT RUN: {done.stderr}")
    assert done.returncode == 0, done.stdout + done.stderr


def bring(product: Path, name: str) -> str:
    """Make a product of these data; what its main job says."""
    brought, package = SETS[name], product / "src" / "rain_forecast"
    command(product, "example", "remove")
    brought.files(product / "data")
    for file in sorted(path for path in (product / "data").iterdir() if path.name != "README.md"):
        command(product, "new-contract", file.relative_to(product))
    for table, columns in brought.after_outcome.items():
        mark(package / "contracts" / "sources" / f"{table}.yaml", columns)
    shutil.copytree(TEAM / name, package, dirs_exist_ok=True)
    shutil.copy(TEAM / "test_answers.py", product / "tests")
    for table in PREDICTED:
        key = ["--key", brought.key] if table == "features" and brought.key else []
        command(product, "new-contract", table, *key)
    command(product, "contract", "check")
    ran = command(product, "run")
    if not brought.timed:
        forget_freshness(product / "ops")
    command(product, "slo", "render")
    command(product, "describe")
    command(product, "model-card")
    return ran


def command(product: Path, *words: str | Path) -> str:
    done = bake.run("uv", "run", product.name, *words, cwd=product)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def mark(contract: Path, columns: tuple[str, ...]) -> None:
    """Say in a drafted contract that these columns are known only after the outcome."""
    text = contract.read_text(encoding="utf-8")
    known = "          - {property: knownAfterOutcome, value: true}\n"
    for column in columns:
        entry = re.search(rf"      - name: {column}\n(        .*\n)+", text)
        assert entry, column
        new = entry[0] if "customProperties:\n" in entry[0] else f"{entry[0]}        customProperties:\n"
        new = new.replace("customProperties:\n", f"customProperties:\n{known}")
        text = text.replace(entry[0], new)
    contract.write_text(text, encoding="utf-8")


def forget_freshness(ops: Path) -> None:
    """Remove the objective about the age of the newest row, and its runbook."""
    slo = ops / "slo.yaml"
    parts = slo.read_text(encoding="utf-8").split("\n---\n")
    kept = [part for part in parts if "\n  name: freshness\n" not in part]
    assert len(kept) == len(parts) - 1
    slo.write_text("\n---\n".join(kept), encoding="utf-8")
    for runbook in (ops / "runbooks").glob("Freshness*"):
        runbook.unlink()


def show_a_request(product: Path) -> None:
    """Paste the request that the check asks for into the README."""
    done = bake.run("uv", "run", "pytest", "-q", "-k", "request", "tests/test_product.py", cwd=product)
    (asked,) = re.findall(r"shows no request, such as\n((?:E? +.*\n)+)", done.stdout)
    request = re.sub("^E? *", "    ", asked, flags=re.MULTILINE)
    with (product / "README.md").open("a", encoding="utf-8") as readme:
        readme.write(f"\n## Ask the service\n\n{request}")


def edited_by_nobody(product: Path) -> list[str]:
    """Files that changed, and are neither the team's nor written by a command."""
    changed = bake.git("status", "--porcelain", "-uall", cwd=product).splitlines()
    names = [line[3:].strip('"') for line in changed]
    ours = (*(f"{each}" for each in DECLARED["_yours"]), *WRITTEN)
    return [name for name in names if not name.startswith(ours)]
