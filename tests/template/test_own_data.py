"""Other people's data in a baked product, by the how-to page alone: four tables joined, a price without a
time, three classes in groups, counts by the hour.

The page's commands are typed in its order, and print what it says; a person's work between them is here.
Slow, and needs the package index: `tox -e own-data`.
"""

import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import bake
import how_to
import own_data
from declaration import DECLARED

TEAM = Path(__file__).with_name("own_data")  # what a team writes
STEPS = list(how_to.steps())
ASK, DRILL = "uv run pytest -q -k request tests/test_product.py", ("uv run rain-forecast drill",)
FAILING = {ASK}  # until the README shows a request
# What the commands of the page write, beside files of the team.
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
    key: str = ""  # of the features, where the guess is not the right one
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
def test_other_people_s_data_become_a_product_by_the_how_to_alone(
    name: str, whole_baked: Path, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    product = shutil.copytree(whole_baked, tmp_path / "rain-forecast", symlinks=True)
    bake.commit(product, "as it is baked")
    # The packages are the same for all sets: mypy reads them once.
    shared = {
        "MYPY_CACHE_DIR": str(tmp_path_factory.getbasetemp() / "mypy"),
        "TOX_OVERRIDE": "env_run_base.pass_env+=MYPY_CACHE_DIR",
    }

    follow(product, name, [step for step in STEPS if step.commands != DRILL], **shared)

    assert edited_by_nobody(product) == []


RARE = [pytest.param(name, marks=pytest.mark.long) for name in SETS if name != "departures"]


@pytest.mark.drill
@pytest.mark.parametrize("name", ["departures", *RARE])
def test_a_drill_of_such_a_product_is_told(name: str, whole_baked: Path, tmp_path: Path) -> None:
    product = shutil.copytree(whole_baked, tmp_path / "rain-forecast", symlinks=True)
    follow(product, name, [step for step in STEPS if step.heading not in ("6. Tests", "7. Release")])

    done = bake.run(*DRILL[0].split(), cwd=product)

    if done.returncode == 3:
        pytest.skip(f"NOT RUN: {done.stderr}")
    assert done.returncode == 0, done.stdout + done.stderr


def test_each_work_of_a_person_has_its_place_on_the_page() -> None:
    typed = [command for step in STEPS for command in step.commands]

    assert [command for command in BY_HAND if command not in typed] == []
    assert DRILL in [step.commands for step in STEPS]


def test_the_sql_and_python_of_the_page_is_that_of_a_team() -> None:
    written = "\n".join(path.read_text(encoding="utf-8") for path in sorted(TEAM.rglob("*.*")))
    shown = [
        *re.findall(r"```(?:sql|python)\n(.*?)```", how_to.PAGE, re.DOTALL),
        *re.findall(r"`(\S.* as label)`", how_to.PAGE),
    ]

    assert len(shown) == 7
    assert [text for text in shown if text not in written] == []


def test_the_product_s_readme_has_the_steps_of_the_page(baked: Path) -> None:
    part = (baked / "README.md").read_text(encoding="utf-8").partition("## Your own data\n")[2]
    part = part.partition("\n### Limits")[0]
    headings = [step.heading for step in STEPS if step.heading[0].isdigit()]

    assert re.findall(r"^(\d\. )\*\*(.*?)\.\*\*", part, re.MULTILINE) == [
        (heading[:3], heading[3:]) for heading in dict.fromkeys(headings)
    ]


def follow(product: Path, name: str, steps: list[how_to.Step], **more: str) -> None:
    """Make a product of these data: what a person does, and the commands of the page."""
    printed, key = "", SETS[name].key
    added = {"uv run rain-forecast new-contract features": f" --key {key}"} if key else {}
    for step in steps:
        for command in step.commands:
            if work := BY_HAND.get(command):
                work(product, name, printed)
        printed = step.type(product, files(product), FAILING, added, **more)


def files(product: Path) -> list[Path]:
    """What the team has put into data/."""
    found = (path.relative_to(product) for path in sorted((product / "data").iterdir()))
    return [path for path in found if path.name != "README.md"]


def deliver(product: Path, name: str, _: str) -> None:
    SETS[name].files(product / "data")


def mark(product: Path, name: str, _: str) -> None:
    """Say in the drafted contracts, in the words of the page, what is known only after the outcome."""
    (known,) = re.findall(r"^ +- \{property: knownAfterOutcome.*\n", how_to.PAGE, re.MULTILINE)
    for table, columns in SETS[name].after_outcome.items():
        contract = product / f"src/rain_forecast/contracts/sources/{table}.yaml"
        text = contract.read_text(encoding="utf-8")
        for column in columns:
            entry = re.search(rf"      - name: {column}\n(        .*\n)+", text)
            assert entry, column
            new = entry[0] if "customProperties:\n" in entry[0] else f"{entry[0]}        customProperties:\n"
            text = text.replace(entry[0], new.replace("customProperties:\n", f"customProperties:\n{known}"))
        contract.write_text(text, encoding="utf-8")


def write(product: Path, name: str, _: str) -> None:
    """SQL, model, tests."""
    shutil.copytree(TEAM / name, product / "src/rain_forecast", dirs_exist_ok=True)
    for tests in ("answers", name):
        for file in TEAM.glob(f"test_{tests}.py"):
            shutil.copy(file, product / "tests")


def decide(product: Path, _: str, __: str) -> None:
    """Write something over each TODO of a draft."""
    for path in (product / "src/rain_forecast/contracts").rglob("*.yaml"):
        text = re.sub(r" +# TODO: .*", "", path.read_text(encoding="utf-8"))
        path.write_text(re.sub(r"TODO: [^'\n]*", "Decided by a person.", text), encoding="utf-8")


def forget_freshness(product: Path, name: str, _: str) -> None:
    """Rows without a time: remove the objective about the age of the newest row, and its runbook."""
    if SETS[name].timed:
        return
    slo = product / "ops/slo.yaml"
    parts = slo.read_text(encoding="utf-8").split("\n---\n")
    kept = [part for part in parts if "\n  name: freshness\n" not in part]
    assert len(kept) == len(parts) - 1
    slo.write_text("\n---\n".join(kept), encoding="utf-8")
    for runbook in (product / "ops/runbooks").glob("Freshness*"):
        runbook.unlink()


def show_a_request(product: Path, _: str, printed: str) -> None:
    """Paste the request that the check has asked for into the README."""
    for asked in re.findall(r"shows no request, such as\n((?:E? +.*\n)+)", printed):
        request = re.sub("^E? *", "    ", asked, flags=re.MULTILINE)
        with (product / "README.md").open("a", encoding="utf-8") as readme:
            readme.write(f"\n## Ask the service\n\n{request}")


# What a person does before a command of the page.
BY_HAND: dict[str, Callable[[Path, str, str], None]] = {
    "uv run rain-forecast new-contract FILE": deliver,
    "uv run rain-forecast check FILE --contract TABLE": mark,
    "uv run rain-forecast contract check": decide,
    "uv run rain-forecast new-contract features": write,
    "uv run rain-forecast slo render": forget_freshness,
    "uv run tox": show_a_request,
}


def edited_by_nobody(product: Path) -> list[str]:
    """Files that changed, and are neither the team's nor written by a command."""
    changed = bake.git("status", "--porcelain", "-uall", cwd=product).splitlines()
    names = [line[3:].strip('"') for line in changed]
    listed = (product / "example-removed" / ".example-files").read_text(encoding="utf-8").splitlines()
    moved = [line for line in listed if line and not line.startswith("#")]
    ours = (*DECLARED["_yours"], *WRITTEN, *moved)
    return [name for name in names if not name.startswith(ours)]
