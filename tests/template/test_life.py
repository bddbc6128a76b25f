"""A product from scratch, by the commands of the README: what a new user does, and gets.

Slow, and needs the package index: `tox -e life`. The contracts, judged by other people's tools:
`tox -e contracts`.
"""

import json
import re
import shutil
from itertools import product
from pathlib import Path
from typing import Any

import pytest

import bake
import tree
from declaration import DECLARED, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(block: int = 1) -> list[str]:
    """A block of the README, one command each."""
    text = README.split("```sh\n")[block].partition("```")[0]
    return [part.strip() for line in text.splitlines() for part in line.split("&&")]


def shell(line: str, cwd: Path, **more: str) -> str:
    done = bake.run("bash", "-c", line, cwd=cwd, **more)
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.life
def test_the_readmes_commands_bake_a_product_that_runs_and_passes_its_checks(
    clone: Path,
) -> None:
    """From a clone: with its path for the address; and --no-input, which is Enter at each prompt."""
    install, cook, enter, run = commands()
    assert install == "pip install uv"
    assert cook.endswith("cookiecutter gh:org/datadevops-template")

    shell(cook.replace("gh:org/datadevops-template", "./datadevops-template") + " --no-input", clone.parent)
    product = clone.parent / enter.removeprefix("cd ")
    baked = set(tree.files(product))
    output = shell(run, product)
    checks = shell("uv run tox", product)

    shown = README.partition("```text\n")[2].partition("```")[0]
    assert labels(output) == labels(shown)
    assert re.search(r"\d\d passed", checks), checks[-2_000:]
    assert bake.git("status", "--porcelain", cwd=clone) == "", "the clone stays clean"
    bake.commit(product, "baked, run and checked")
    assert set(bake.git("ls-files", cwd=product).splitlines()) == baked | {"uv.lock"}
    settings = {} if shutil.which("promtool") else {"SKIP": "slo"}
    shell("uv run pre-commit install && uv run pre-commit run --all-files", product, **settings)
    assert bake.git("status", "--porcelain", cwd=product) == "", "its hooks have nothing to mend"


@pytest.mark.life
def test_the_commands_for_a_pipeline_bake_one_that_runs_passes_reverts_and_is_read(
    clone: Path,
) -> None:
    cook, enter, run = commands(block=2)
    cook = cook.replace("gh:org/datadevops-template", "./datadevops-template")

    shell(cook, clone.parent)
    product = clone.parent / enter.removeprefix("cd ")
    output = shell(run, product)
    readme = (product / "README.md").read_text(encoding="utf-8")
    checks = shell("uv run tox", product)

    shown = readme.partition("    weather  ")[2].partition("\n\n")[0]
    assert labels(output) == [*labels("weather " + shown.replace("\n    ", "\n")), "report"]
    assert re.search(r"\d\d passed", checks), checks[-2_000:]
    late = "copy (from 'data/weather.parquet' where observed_at < '2013-02-01') to 'new.parquet'"
    shell(f'uv run python -c "import duckdb; duckdb.sql(\\"{late}\\")"', product)
    for command in re.findall(r"^    (uv run rain-statistics .*?)(?:  +#.*)?$", readme, re.MULTILINE):
        if "publish rollback" not in command and "example remove" not in command:
            shell(command.replace("TABLE", "weather"), product)
    refused = bake.run("bash", "-c", "uv run rain-statistics publish rollback", cwd=product)
    assert "error[ST003]" in refused.stderr, "the same rows are the same version"
    page = (product / "store" / "daily_rain" / "README.md").read_text(encoding="utf-8")
    lines = re.findall(r"```python\n(import duckdb.*?)```", page, re.DOTALL)
    (product / "read.py").write_text(lines[0])
    assert "heaviest_hour_mm" in shell("uv run python read.py", product)


def labels(output: str) -> list[str]:
    """The words that the lines of a run begin with."""
    return [line.split()[0] for line in output.splitlines() if re.match(r"\w", line)]


@pytest.mark.life
@pytest.mark.parametrize("kind", DECLARED["product_type"])
def test_what_a_product_needs_is_learned_without_fetching_the_packages(
    kind: str, whole_template: Path, tmp_path: Path
) -> None:
    """Of a package without a wheel, such as Spark, uv would fetch all, used or not."""
    product = bake.by_cookiecutter(whole_template, tmp_path, product_type=kind)
    cache = tmp_path / "cache"

    shell("uv lock", product, UV_CACHE_DIR=str(cache))

    fetched = sum(path.stat().st_size for path in cache.rglob("*") if path.is_file())
    assert 1e6 < fetched < 100e6, "bytes; what the packages say of themselves is 30 MB"


@pytest.mark.life
@pytest.mark.long
def test_pre_commit_needs_the_index_once_and_nothing_afterwards(clone: Path) -> None:
    home = {"PRE_COMMIT_HOME": str(clone.parent / "pre-commit")}
    all_files = "uvx pre-commit run --all-files"

    shell(all_files, clone, **home)
    offline = {"UV_OFFLINE": "1", "PIP_NO_INDEX": "1", "http_proxy": "http://127.0.0.1:9"}
    shell(all_files, clone, **home, **offline)


@pytest.mark.life
@pytest.mark.parametrize(
    ("hook", "name", "content"),
    [
        ("ruff check", "tools/a.py", "import os\n"),
        ("ruff format", "tools/a.py", "x = {'a':1}\n"),
        ("no conflict markers", "a.md", "<<<<<<< ours\n=======\n>>>>>>> theirs\n"),
        ("no file above 1 MB", "a.bin", "0" * 1_100_000),
        ("copier.yml says what cookiecutter.json says", "copier.yml", "# edited\n"),
    ],
)
def test_a_pre_commit_hook_finds_what_it_is_for(hook: str, name: str, content: str, clone: Path) -> None:
    (clone / name).write_text(content)
    bake.git("add", "--all", cwd=clone)

    done = bake.run("uvx", "pre-commit", "run", cwd=clone)

    failed = re.findall(r"^(.*?)\.+Failed$", done.stdout, re.MULTILINE)
    assert failed == [hook], done.stdout


STANDARD = """
import json, sys
from open_data_contract_standard.model import OpenDataContractStandard as Contract
for path in sys.argv[1:]:
    contract = Contract.from_file(path)
    team = contract.team if isinstance(contract.team, str) else contract.team.name
    print(json.dumps([contract.id, contract.apiVersion, team]))
"""
LINTER = """
import json, sys
from datacontract.data_contract import DataContract
for path in sys.argv[1:]:
    run = DataContract(data_contract_file=path).lint()
    print(json.dumps([run.result.value, [check.reason for check in run.checks if check.reason]]))
"""


def answers(package: str, program: str, *files: Path) -> list[Any]:
    """What a program that uses the package says of each file."""
    done = bake.run("uv", "run", "--no-project", "--with", package, "python", "-c", program, *files, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]


@pytest.fixture(scope="module")
def contracts(template: Path, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The contracts of both types of product, for each cost of an outage; each content once."""
    folder = tmp_path_factory.mktemp("contracts")
    found: list[Path] = []
    for kind, impact in product(DECLARED["product_type"], DECLARED["outage_impact"]):
        asked = {"product_type": kind, "outage_impact": impact, "project_slug": "rain-forecast"}
        baked = bake.by_cookiecutter(template, folder / kind / impact, **asked)
        every = baked.glob("src/rain_forecast/contracts/**/*.yaml")
        found += (path for path in every if path.parent.name != "consumers")
    return list({path.read_bytes(): path for path in found}.values())


@pytest.mark.contracts
def test_the_contract_tool_accepts_every_contract_and_refuses_one_that_breaks_the_standard(
    contracts: list[Path], tmp_path: Path
) -> None:
    broken = tmp_path / "broken.yaml"
    text = contracts[0].read_text(encoding="utf-8").replace("logicalType: string", "logicalType: strong", 1)
    broken.write_text(text, encoding="utf-8")

    *whole, last = answers("datacontract-cli[duckdb,parquet]", LINTER, *contracts, broken)

    assert whole == [["passed", []]] * len(contracts)
    assert last[0] == "failed"
    assert "'strong' is not one of" in last[1][0]


@pytest.mark.contracts
def test_the_package_of_the_standard_reads_every_contract(contracts: list[Path]) -> None:
    found = answers("open-data-contract-standard", STANDARD, *contracts)

    expected = [[f"urn:acme:rain-forecast:{path.stem}", "v3.2.0", "weather-data"] for path in contracts]
    tables = {"airports", "weather", "features", "labels", "predictions", "daily_rain"}
    assert {path.stem for path in contracts} == tables
    assert found == expected
