"""A product without the example: baked so, or after `example remove`, which is the same."""

import re
import shutil
from pathlib import Path

import pytest

import bake
import tree
import workshop
from declaration import choices

KINDS = choices()["product_type"]
LIST = ".example-files"
REMOVED = "example-removed"


def command(product: Path, environment: Path, *words: str) -> workshop.Done:
    """A command of the product, without its having been installed."""
    (package,) = (path.parent.name for path in product.glob("src/*/cli.py"))
    call = f"import {package}.cli as c; c.app()"
    return workshop.at_work(product, environment, "python", "-c", call, *words)


def remove(product: Path, environment: Path) -> str:
    done = command(product, environment, "example", "remove")
    assert done.returncode == 0, done.stderr
    return done.stdout


def listed(product: Path) -> list[str]:
    lines = (product / LIST).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("#")]


def left(product: Path) -> tree.Snapshot:
    """All but what was moved away, what git keeps, and what Python compiled."""
    found = tree.snapshot(product).items()
    return {
        name: each for name, each in found if not re.search(rf"^({REMOVED}|\.git)(/|$)|__pycache__", name)
    }


@pytest.fixture(scope="module")
def without(template: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A product of each type, baked without the example. Read only."""
    folder = tmp_path_factory.mktemp("without")
    return {
        kind: bake.by_cookiecutter(template, folder / kind, product_type=kind, example="none")
        for kind in KINDS
    }


@pytest.mark.parametrize("engine", bake.ENGINES, ids=lambda engine: engine.__name__)
@pytest.mark.parametrize("kind", KINDS)
def test_a_product_from_which_the_example_is_removed_is_one_baked_without(
    kind: str,
    engine: bake.Engine,
    template: Path,
    without: dict[str, Path],
    environment: Path,
    tmp_path: Path,
) -> None:
    product = engine(template, tmp_path, product_type=kind)
    before, teams, example = tree.snapshot(product), tree.team_owned(product), listed(product)

    remove(product, environment)

    assert tree.differences(left(product), tree.snapshot(without[kind])) == []
    changed = {name for name in before if left(product).get(name) != before[name]}
    kept = tree.snapshot(product / REMOVED)
    files = {name for name in changed if before[name][1]} - {"product.odps.yaml"}
    assert {name: kept[name] for name in files} == {name: before[name] for name in files}
    assert files - teams - {*example, LIST, ".copier-answers.yml"} == set()


@pytest.mark.parametrize("kind", KINDS)
def test_the_list_of_the_example_names_each_file_that_only_the_example_has(
    kind: str, template: Path, without: dict[str, Path], tmp_path: Path
) -> None:
    product = bake.by_cookiecutter(template, tmp_path, product_type=kind)

    only_there = set(tree.files(product)) - set(tree.files(without[kind]))

    assert listed(product) == sorted(only_there - {LIST})


def test_a_file_that_the_list_forgets_is_seen_as_a_difference(
    template: Path, without: dict[str, Path], environment: Path, tmp_path: Path
) -> None:
    product = bake.by_cookiecutter(template, tmp_path)
    workshop.edit(product / LIST, "tests/test_model.py\n", "")

    remove(product, environment)

    found = tree.differences(left(product), tree.snapshot(without["model-service"]))
    assert found == ["tests/test_model.py: only in the first"]


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_example_no_text_of_the_team_speaks_of_its_data(
    kind: str, without: dict[str, Path]
) -> None:
    sample = rb"JFK|airport(?! within|, day by day)|weather(?!-data)|nycflights|daily_rain"
    words = re.compile(sample, re.IGNORECASE)
    found = {name for name, text in tree.texts(without[kind]).items() if words.search(text)}

    assert sorted(found & tree.team_owned(without[kind])) == []


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_example_the_main_job_says_what_comes_next(
    kind: str, without: dict[str, Path], environment: Path, tmp_path: Path
) -> None:
    product = shutil.copytree(without[kind], tmp_path / without[kind].name)

    done = workshop.main_job(product, environment)

    assert done.returncode == 2
    assert "error[CT024]" in done.stderr
    assert "hint: next is contracts/sources/TABLE.yaml: draft the contract" in done.stderr
    assert f"`{product.name} new-contract FILE`" in done.stderr


@pytest.mark.parametrize("kind", KINDS)
def test_without_the_example_the_product_on_one_page_says_what_is_missing(
    kind: str, without: dict[str, Path], environment: Path, tmp_path: Path
) -> None:
    product = shutil.copytree(without[kind], tmp_path / without[kind].name)

    done = command(product, environment, "explain")

    assert (done.returncode, done.stderr) == (0, "")
    assert "## In\n\nNothing yet.\n" in done.stdout
    assert "## Missing\n\n- `contracts/sources/TABLE.yaml`: draft the contract" in done.stdout


@pytest.mark.life
@pytest.mark.parametrize("kind", KINDS)
def test_without_the_example_one_test_fails_and_says_what_comes_next(
    kind: str, without: dict[str, Path], environment: Path, tmp_path: Path
) -> None:
    product = shutil.copytree(without[kind], tmp_path / without[kind].name)

    (said,) = workshop.run(product, "test", environment, "-p", "no:cacheprovider")

    failed = re.findall(r"^FAILED .*\[(.*)\]", said, re.MULTILINE)
    assert failed == ["no part of the product is missing"]
    assert "next is contracts/sources/TABLE.yaml" in said


OURS = "src/rain_forecast/contracts/sources/flights.yaml"
SAMPLE = f"{bake.TREE}/src/<<cookiecutter.__package>>/contracts/sources"


@pytest.fixture
def newer(own_template: Path) -> Path:
    """The template with a tag v1.1.0 that changes the example, adds to it, and changes one more file."""
    sample = own_template / SAMPLE
    workshop.edit(sample / "weather.yaml", "version: 1.0.0", "version: 1.1.0")
    shutil.copy(sample / "weather.yaml", sample / "gusts.yaml")
    shutil.copy(
        own_template / bake.TREE / "data/weather.parquet", own_template / bake.TREE / "data/gusts.parquet"
    )
    workshop.edit(own_template / bake.TREE / LIST, "data/weather", "data/gusts.parquet\ndata/weather")
    workshop.edit(own_template / bake.TREE / ".gitignore", ".venv/\n", ".venv/\n.cache/\n")
    bake.commit(own_template, "more weather", "v1.1.0")
    return own_template


@pytest.mark.updates
@pytest.mark.parametrize("engine", bake.ENGINES, ids=lambda engine: engine.__name__)
@pytest.mark.parametrize("recorded", [True, False])
def test_no_update_brings_the_example_back_as_its_removal_is_recorded(
    recorded: bool,
    engine: bake.Engine,
    own_template: Path,
    environment: Path,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    """Without the record, what a newer version adds to the example would come: so the test bites."""
    product = engine(own_template, tmp_path / "made")
    request.getfixturevalue("newer")
    remove(product, environment)
    if not recorded:
        workshop.edit(product / ".copier-answers.yml", 'example: "none"', 'example: "rain"')
    (product / OURS).parent.mkdir(parents=True)
    (product / OURS).write_text("# Ours.\n", encoding="utf-8")
    (product / "data" / "flights.parquet").write_bytes(b"ours")
    bake.commit(product, "without the example")
    before = tree.snapshot(product)

    done = bake.run(bake.command("copier"), "update", "--defaults", cwd=product)

    assert done.returncode == 0, done.stderr
    after = tree.snapshot(product)
    came = {name for name in left(product).keys() - before.keys() if after[name][1]}
    assert recorded == (came == set())
    assert recorded == ("data/gusts.parquet" not in came)
    assert (after[OURS], after["data/flights.parquet"]) == (before[OURS], before["data/flights.parquet"])
    assert ".cache/" in (product / ".gitignore").read_text(encoding="utf-8")
    assert "<<<<<<<" not in "".join(
        (product / name).read_text("utf-8") for name in (".gitignore", "README.md")
    )
