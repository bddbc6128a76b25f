"""Which files are the contracts of a product, and which names they may have."""

import pytest

from datadevops.contract import odcs
from datadevops.errors import ContractError


@pytest.fixture
def folder(tmp_path):
    """folder("sources/weather.yaml", ...): a folder with these files."""

    def make(*names):
        (tmp_path / odcs.SOURCES).mkdir()
        for name in names:
            (tmp_path / name).touch()
        return tmp_path

    return make


def test_each_file_is_the_contract_of_the_table_of_its_name(folder):
    found = odcs.files(folder("features.yaml", "sources/weather.yaml", "sources/notes.txt"))

    assert sorted(found) == ["features", "weather"]


@pytest.mark.parametrize("name", [*odcs.RESERVED, "Models"])
def test_no_source_has_the_name_of_what_the_product_makes(folder, name):
    with pytest.raises(ContractError, match=rf"CT013.*: no source or dataset can be called {name}"):
        odcs.files(folder(f"sources/{name}.yaml"))


@pytest.mark.parametrize(
    "names", [("hours.yaml", "sources/hours.yaml"), ("sources/Hours.yaml", "sources/hours.yaml")]
)
def test_two_contracts_of_one_table_are_refused_whatever_the_capitals(folder, names):
    with pytest.raises(
        ContractError, match=r"CT013.*ours\.yaml and .*hours\.yaml are contracts of one table"
    ):
        odcs.files(folder(*names))


def test_a_product_without_a_source_is_told_how_to_draft_one(folder):
    with pytest.raises(ContractError, match=r"(?s)CT013.*nothing can be delivered.*new-contract FILE"):
        odcs.load_sources(folder())
