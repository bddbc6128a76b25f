"""A product from scratch, by the commands of the README: what a new user does, and gets.

Slow, and needs the package index: `tox -e life`. The contracts, judged by other people's tools:
`tox -e contracts`.
"""

import json
import re
import shutil
from pathlib import Path

import pytest

import bake
import tree
from declaration import DECLARED, ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands() -> list[str]:
    """The README's first block, one command each."""
    block = README.partition("```sh\n")[2].partition("```")[0]
    return [part.strip() for line in block.splitlines() for part in line.split("&&")]


def shell(line: str, cwd: Path, **more: str) -> str:
    done = bake.run("bash", "-c", line, cwd=cwd, **more)
    assert done.returncode == 0, f"{line}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.mark.life
def test_the_readmes_commands_bake_a_product_that_runs_and_passes_its_checks(
    own_template: Path,
) -> None:
    """From a clone: with `.` for the address; and --no-input, which is Enter at each prompt."""
    install, cook, enter, run = commands()
    assert install == "pip install uv"
    assert cook.endswith("cookiecutter gh:org/datadevops-template")

    shell(cook.replace("gh:org/datadevops-template", ".") + " --no-input", own_template)
    product = own_template / enter.removeprefix("cd ")
    baked = set(tree.files(product))
    output = shell(run, product)
    checks = shell("uv run tox", product)

    shown = README.partition("```text\n")[2].partition("```")[0]
    assert labels(output) == labels(shown)
    assert re.search(r"[5-9]\d passed|\d{3} passed", checks), checks[-2_000:]
    assert bake.git("status", "--porcelain", cwd=own_template) == "", "the clone stays clean"
    bake.commit(product, "baked, run and checked")
    assert set(bake.git("ls-files", cwd=product).splitlines()) == baked | {"uv.lock"}


def labels(output: str) -> list[str]:
    """The words that the lines of a run begin with."""
    return [line.split()[0] for line in output.splitlines() if re.match(r"\w", line)]


@pytest.mark.life
def test_pre_commit_needs_the_index_once_and_nothing_afterwards(own_template: Path) -> None:
    home = {"PRE_COMMIT_HOME": str(own_template.parent / "pre-commit")}
    all_files = "uvx pre-commit run --all-files"

    shell(all_files, own_template, **home)
    offline = {"UV_OFFLINE": "1", "PIP_NO_INDEX": "1", "http_proxy": "http://127.0.0.1:9"}
    shell(all_files, own_template, **home, **offline)


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
def test_a_pre_commit_hook_finds_what_it_is_for(
    hook: str, name: str, content: str, own_template: Path
) -> None:
    (own_template / name).write_text(content)
    bake.git("add", "--all", cwd=own_template)

    done = bake.run("uvx", "pre-commit", "run", cwd=own_template)

    failed = re.findall(r"^(.*?)\.+Failed$", done.stdout, re.MULTILINE)
    assert failed == [hook], done.stdout


CONTRACTS = ["source", "features", "predictions"]
LINTER = ["uvx", "--from", "datacontract-cli[duckdb,parquet]", "datacontract", "lint"]
STANDARD = ["uv", "run", "--no-project", "--with", "open-data-contract-standard", "python", "-c"]
LOAD = """
import json, sys
from open_data_contract_standard.model import OpenDataContractStandard as Contract
contract = Contract.from_file(sys.argv[1])
team = contract.team if isinstance(contract.team, str) else contract.team.name
print(json.dumps([contract.id, contract.apiVersion, team]))
"""


@pytest.fixture(scope="module", params=DECLARED["outage_impact"])
def contracts(
    request: pytest.FixtureRequest, template: Path, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The contracts of a product; they differ by what an outage costs."""
    folder = tmp_path_factory.mktemp("contracts")
    product = bake.by_cookiecutter(template, folder, outage_impact=request.param)
    return product / "src" / "rain_forecast" / "contracts"


@pytest.mark.contracts
@pytest.mark.parametrize("name", CONTRACTS)
def test_the_contract_tool_accepts(name: str, contracts: Path) -> None:
    done = bake.run(*LINTER, f"{name}.yaml", cwd=contracts)

    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.contracts
@pytest.mark.parametrize("name", CONTRACTS)
def test_the_package_of_the_standard_reads(name: str, contracts: Path) -> None:
    done = bake.run(*STANDARD, LOAD, f"{name}.yaml", cwd=contracts)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [f"urn:acme:rain-forecast:{name}", "v3.2.0", "weather-data"]


@pytest.mark.contracts
def test_a_contract_that_breaks_the_standard_is_refused(contracts: Path, tmp_path: Path) -> None:
    text = (contracts / "source.yaml").read_text(encoding="utf-8")
    shutil.copy(contracts / "source.yaml", tmp_path / "good.yaml")
    broken = text.replace("logicalType: string", "logicalType: strong", 1)
    assert broken != text
    (tmp_path / "broken.yaml").write_text(broken, encoding="utf-8")

    assert bake.run(*LINTER, "good.yaml", cwd=tmp_path).returncode == 0
    assert bake.run(*LINTER, "broken.yaml", cwd=tmp_path).returncode != 0
