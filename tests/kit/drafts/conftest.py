"""Drafts of files that a test makes."""

from dataclasses import dataclass

import pytest
import yaml

from datadevops.contract import odcs
from datadevops.contract.values import Contract
from datadevops.drafts import checked, decisions
from datadevops.drafts.draft import Draft

ANSWERS = {"org": "acme", "owner_team": "flight-data", "owner_contact": "flight-data@example.com"}


@dataclass(frozen=True)
class Drafted:
    draft: Draft
    text: str
    contract: Contract
    decisions: str

    def column(self, name):
        """The entry of the column, as it stands in the file."""
        (table,) = yaml.safe_load(self.text)["schema"]
        (found,) = [entry for entry in table["properties"] if entry["name"] == name]
        return found

    def comment(self, word):
        """What the line says beside its YAML that has this word; once."""
        (line,) = [line for line in self.text.splitlines() if word in line.partition("#")[0]]
        return line.partition("# ")[2]


@pytest.fixture
def drafted(engine, forecast, tmp_path):
    """drafted(file): the contract that is drafted from it; each row of the file keeps it, or this raises."""

    def make(file, place="data/t"):
        draft, text = checked.contract(engine, file, "t", place, forecast, ANSWERS)
        (tmp_path / "contract").mkdir(exist_ok=True)
        path = tmp_path / "contract" / "t.yaml"
        path.write_text(text, encoding="utf-8")
        return Drafted(draft, text, odcs.load(path), "\n".join(decisions.of_source(draft, with_model=True)))

    return make


@pytest.fixture
def csv(drafted, tmp_path):
    """csv(a=["1", "2"], b=...): what is drafted from a CSV file of these cells, as they stand."""

    def make(header=None, **cells):
        lines = [",".join(header or cells), *map(",".join, zip(*cells.values(), strict=True))]
        (tmp_path / "t.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return drafted(tmp_path / "t.csv")

    return make
