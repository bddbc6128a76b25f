"""The tutorial's commands, in its order, give what it says. Slow: `tox -e life`."""

import re
import shutil
from pathlib import Path

import pytest

import workshop
from declaration import ROOT

TUTORIAL = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
COMMANDS = [
    line
    for block in re.findall(r"```sh\n(.*?)```", TUTORIAL, re.DOTALL)
    for line in block.replace(" && ", "\n").splitlines()
    if line.startswith("uv run rain-forecast")
]
# What each gives: exit code, and words in what it prints. `serve` and `drill` have tests of their own.
GIVEN = {
    "run": (0, "gate         passed"),
    "synth weather 2000 bad.parquet --bad 0.2": (0, "2,000 rows"),
    "check bad.parquet --contract weather": (2, "DQ005"),
    "run --source weather=bad.parquet": (1, "DQ006"),
    "explain DQ006": (0, "More rows are bad than the contract allows"),
    "serve": None,
    "drill": None,
    "models list": (0, "champion"),
    "models rollback --why practice": (0, ""),
}


@pytest.mark.life
def test_the_tutorials_commands_give_what_it_says(
    whole_baked: Path, environment: Path, tmp_path: Path
) -> None:
    product = shutil.copytree(whole_baked, tmp_path / "rain-forecast")
    contract = product / "src/rain_forecast/contracts/sources/weather.yaml"

    def expect(words: str, code: int, text: str) -> None:
        done = workshop.at_work(product, environment, "rain-forecast", *words.split())
        said = done.stdout + done.stderr
        assert (done.returncode, text in said) == (code, True), f"{words}\n{said}"

    typed = [line.removeprefix("uv run rain-forecast ").replace('"', "") for line in COMMANDS]
    assert typed == list(GIVEN)
    for words, given in GIVEN.items():
        if given:
            expect(words, *given)
        if words == "explain DQ006":
            assert "`wind_speed_ms` from 120 to 16" in TUTORIAL
            workshop.edit(contract, "maximum: 120}", "maximum: 16}")
            expect("run", 0, "10 x wind_speed_ms:maximum")
            assert "With 12 the run stops" in TUTORIAL
            workshop.edit(contract, "maximum: 16}", "maximum: 12}")
            expect("run", 1, "DQ006")
