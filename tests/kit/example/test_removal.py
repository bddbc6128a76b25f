"""`example remove` takes the example away, loses nothing, and leaves what is the team's."""

import re
import shutil
from dataclasses import replace

import pytest

from datadevops.errors import SettingsError
from datadevops.example import removal

LISTED = ["data/shops.parquet", "src/shop_forecast/transforms/labels.sql", "tests/test_shops.py"]
ABOUT = "<!-- example -->\nIt sold 12 loaves.\n\n<!-- /example -->\n"
README = f"# Shops\n\n{ABOUT}## Serve\n\n{ABOUT}Ours.\n"


@pytest.fixture
def checkout(forecast, tmp_path):
    """A product whose example is some of its files."""
    home = tmp_path / "shop-forecast"
    at = shutil.copytree(
        forecast.folder, home / "src" / "shop_forecast", ignore=shutil.ignore_patterns("__*")
    )
    for name in (LISTED[0], LISTED[2], "tests/test_ours.py", "store/features/.lock"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(f"{name}\n", encoding="utf-8")
    (home / ".example-files").write_text("\n".join(["# Its files.", *LISTED]) + "\n", encoding="utf-8")
    (home / ".copier-answers.yml").write_text(
        '_commit: "v1"\nexample: "rain"\norg: "acme"\n', encoding="utf-8"
    )
    (home / "README.md").write_text(README, encoding="utf-8")
    return replace(forecast, at=at), home


def contents(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8", "replace")
        for path in folder.rglob("*")
        if path.is_file()
    }


def remove(product, home):
    return removal.remove(home, product.folder, home / "store")


def test_every_file_is_kept_where_it_was_or_in_the_folder_of_what_was_removed(checkout):
    product, home = checkout
    before = contents(home)

    remove(product, home)

    after = contents(home)
    removed = {
        name.removeprefix("example-removed/"): text for name, text in after.items() if "removed" in name
    }
    assert {**after, **removed}.items() >= before.items()
    assert {*LISTED, ".example-files", "store/features/.lock"} & after.keys() == set()
    assert after["tests/test_ours.py"] == before["tests/test_ours.py"]


def test_the_readme_loses_what_is_about_the_example_and_the_answer_is_recorded(checkout):
    product, home = checkout

    done = remove(product, home)

    assert (home / "README.md").read_text("utf-8") == "# Shops\n\n## Serve\n\nOurs.\n"
    answers = (home / ".copier-answers.yml").read_text("utf-8")
    assert answers == '_commit: "v1"\nexample: "none"\norg: "acme"\n'
    assert done.written == ["README.md", ".copier-answers.yml", "src/shop_forecast/model.py"]
    assert done.moved == [*LISTED, "store", ".example-files"]


def test_folders_in_which_nothing_is_left_go_and_others_stay(checkout):
    product, home = checkout

    remove(product, home)

    assert not (home / "data").exists()
    assert (home / "src/shop_forecast/transforms").exists()


def test_a_removal_that_was_killed_goes_on(checkout):
    product, home = checkout
    before = contents(home)
    for name in LISTED[:2]:
        (home / "example-removed" / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).rename(home / "example-removed" / name)
    shutil.copy(home / "README.md", home / "example-removed")
    (home / "README.md").write_text("# Shops\n", encoding="utf-8")

    remove(product, home)

    kept = contents(home / "example-removed")
    assert {name: kept[name] for name in LISTED} == {name: before[name] for name in LISTED}
    assert kept["README.md"] == README


def test_a_second_removal_says_that_there_is_no_example(checkout):
    product, home = checkout
    remove(product, home)
    before = contents(home)

    with pytest.raises(SettingsError, match=r"CF014.*there is no example here"):
        remove(product, home)

    assert contents(home) == before


def test_what_was_removed_earlier_is_not_written_over(checkout):
    product, home = checkout
    (home / "example-removed" / "data").mkdir(parents=True)
    (home / "example-removed" / LISTED[0]).write_text("Earlier.\n", encoding="utf-8")
    before = contents(home)

    with pytest.raises(SettingsError, match=r"CF015(.|\n)*data/shops\.parquet"):
        remove(product, home)

    assert contents(home) == before


def test_a_store_elsewhere_stays(checkout, tmp_path):
    product, home = checkout
    (tmp_path / "elsewhere").mkdir()

    done = removal.remove(home, product.folder, tmp_path / "elsewhere")

    assert "store" not in done.moved
    assert (home / "store/features/.lock").exists()


def test_the_command_names_each_step_that_is_left_with_the_command_that_says_it_is_done(
    checkout, command, monkeypatch
):
    product, home = checkout
    monkeypatch.setenv("SHOP_FORECAST_HOME", str(home))

    answer = command("example", "remove", product=product, store=home / "store")

    steps = re.findall(r"^\d\. (.*?)  ", answer.out, re.MULTILINE)
    assert answer.code == 0
    assert steps == ["contracts", "SQL", "model", "objectives", "descriptions", "tests", "release"]
    assert answer.out.count("done when") == len(steps)
    assert "data/shops.parquet" in answer.out
    assert "COMMAND" not in answer.out


@pytest.mark.parametrize("there", [True, False])
def test_the_command_names_a_store_elsewhere_that_it_leaves(checkout, command, monkeypatch, tmp_path, there):
    product, home = checkout
    monkeypatch.setenv("SHOP_FORECAST_HOME", str(home))
    if there:
        (tmp_path / "elsewhere").mkdir()

    answer = command("example", "remove", product=product, store=tmp_path / "elsewhere")

    told = f"the store {tmp_path / 'elsewhere'} may hold versions of the example: move them away"
    assert answer.code == 0
    assert (told in answer.out) is there


def test_the_command_names_each_file_that_it_moves_or_writes(checkout, command, monkeypatch):
    product, home = checkout
    monkeypatch.setenv("SHOP_FORECAST_HOME", str(home))
    before = contents(home)

    answer = command("example", "remove", product=product, store=home / "store")

    after = contents(home)
    changed = {name for name in before.keys() | after.keys() if after.get(name) != before.get(name)}
    files = {name for name in changed if not name.startswith(("example-removed/", "store/"))}
    assert {"product.odps.yaml", ".example-files"} <= files
    assert [name for name in files if name not in answer.out] == []
