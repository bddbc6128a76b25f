"""product.odps.yaml says what contracts and answers say, and keeps what the team wrote."""

import copy
from dataclasses import replace

import pytest
import yaml

import shop_forecast
import shop_statistics
from datadevops.catalog import merged, product_file
from datadevops.errors import ContractError

ANSWERS = 'org: "acme"\nci: "github"\nproject_name: "Shop Forecast"\n'


@pytest.fixture(params=[shop_forecast.PRODUCT, shop_statistics.PRODUCT], ids=lambda product: product.package)
def product(request):
    return request.param


@pytest.fixture
def home(own, tmp_path):
    """The folder of the product, with the file as it is first written."""
    (tmp_path / ".copier-answers.yml").write_text(ANSWERS, encoding="utf-8")
    (tmp_path / product_file.FILE).write_text(product_file.rendered(own, tmp_path), encoding="utf-8")
    return tmp_path


@pytest.fixture
def edit(home):
    """edit(old, new): replaces text of the file."""

    def replace(old, new, name=product_file.FILE):
        path = home / name
        assert old in path.read_text(encoding="utf-8")
        path.write_text(path.read_text(encoding="utf-8").replace(old, new, 1), encoding="utf-8")

    return replace


def contract(own, table):
    return next(own.contracts.rglob(f"{table}.yaml"))


def test_its_ports_are_the_contracts_of_the_product(own, home):
    published = "predictions" if own.serves else "shop_days"

    content = yaml.safe_load((home / product_file.FILE).read_text(encoding="utf-8"))

    assert product_file.faults(own, home) == []
    assert [port["name"] for port in content["inputPorts"]] == ["source"]
    assert [port["name"] for port in content["outputPorts"]] == [published]
    assert content["outputPorts"][0]["contractId"] == f"urn:example:shops:{published}"
    assert content["outputPorts"][0]["inputContracts"] == [
        {"id": "urn:example:shops:source", "version": "1.0.0"}
    ]
    managed = {port["name"]: port.get("url", port.get("channel")) for port in content["managementPorts"]}
    assert managed.keys() == {"health", "metrics", "status", "report"}
    service = f"http://{own.command}:9000/readyz"
    assert managed["health"] == (service if own.serves else f"{own.command} status --slo")
    assert content["outputPorts"][0]["sbom"][0]["url"].startswith(f"https://github.com/acme/{own.command}/")
    assert (content["team"]["name"], content["tenant"]) == ("shop-data", "acme")
    assert content["support"] == [{"channel": "shop-data", "url": "mailto:shop-data@example.com"}]


FAULTS = {
    "the title": ("name: Shop", "name: Shopp", "name is 'Shopp "),
    "the organisation": ("tenant: acme", "tenant: other", "tenant is 'other', must be 'acme'"),
    "the owner": (
        "team:\n  name: shop-data",
        "team:\n  name: nobody",
        "team.name is 'nobody', must be 'shop-data'",
    ),
    "where the owner is reached": (
        "mailto:shop-data@",
        "mailto:nobody@",
        "support.shop-data.url is 'mailto:nobody@",
    ),
    "the version of a port": ("version: 1.0.0", "version: 1.1.0", "is '1.1.0', must be '1.0.0'"),
    "the contract of a port": (
        "urn:example:shops:source",
        "urn:example:shops:other",
        "inputPorts.source.contractId is",
    ),
    "a port that is missing": ("  - name: source", "  - name: orders", "inputPorts.source is missing"),
    "a way to manage it": ("  - name: metrics", "  - name: figures", "managementPorts.metrics is missing"),
    "the list of parts": ("sbom:", "tags:", ".sbom is missing"),
}


@pytest.mark.parametrize(("old", "new", "told"), FAULTS.values(), ids=FAULTS)
def test_what_is_not_so_is_told_by_its_place_and_mended_by_describe(own, home, edit, old, new, told):
    edit(old, new)

    faults = product_file.faults(own, home)
    (home / product_file.FILE).write_text(product_file.rendered(own, home), encoding="utf-8")

    assert any(told in fault for fault in faults), faults
    assert product_file.faults(own, home) == []


@pytest.mark.parametrize("content", [["shop-data"], "channel", None])
@pytest.mark.parametrize("wanted", [[{"channel": "shop-data"}], {"channel": "shop-data"}])
def test_something_else_in_place_of_entries_or_of_a_mapping_is_told(content, wanted):
    found = list(merged.differences({"support": content}, {"support": wanted}))

    assert found == [f"support is {content!r}, must be {wanted!r}"]


def test_a_version_that_changes_in_a_contract_is_told(own, home, edit):
    path = contract(own, "source")
    path.write_text(
        path.read_text(encoding="utf-8").replace("version: 1.0.0", "version: 2.0.0"), encoding="utf-8"
    )

    faults = product_file.faults(own, home)

    assert "inputPorts.source.version is '1.0.0', must be '2.0.0'" in faults
    assert len(faults) == 2  # and what the published table is made from


def test_a_contract_that_goes_is_told(own, home):
    contract(own, "source").unlink()

    faults = product_file.faults(own, home)

    assert "inputPorts.source is of no contract" in faults
    assert any(fault.endswith("urn:example:shops:source is of no contract") for fault in faults)


def test_a_contract_that_comes_is_told(own, home):
    text = contract(own, "source").read_text(encoding="utf-8")
    more = own.contracts / "sources" / "orders.yaml"
    more.write_text(
        text.replace("name: source", "name: orders").replace(":source", ":orders"), encoding="utf-8"
    )

    assert "inputPorts.orders is missing" in product_file.faults(own, home)


@pytest.mark.parametrize("product", [shop_statistics.PRODUCT], indirect=True)
def test_one_dataset_is_made_from_every_source_and_of_two_each_from_what_its_sql_reads(own, home):
    def copied(folder, stem, name):
        (path,) = folder.rglob(f"{stem}.*")
        text = path.read_text(encoding="utf-8").replace(stem, name)
        path.with_stem(name).write_text(text, encoding="utf-8")

    def inputs():
        ports = product_file.wanted(own, home, {})["outputPorts"]
        return {
            port["name"]: [each["id"].rpartition(":")[2] for each in port["inputContracts"]] for port in ports
        }

    copied(own.contracts, "source", "orders")
    assert inputs() == {"shop_days": ["orders", "source"]}

    copied(own.contracts, "shop_days", "order_days")
    (own.transforms / "order_days.sql").write_text("select * from orders", encoding="utf-8")
    assert inputs() == {"order_days": ["orders"], "shop_days": ["source"]}


@pytest.mark.parametrize("product", [shop_statistics.PRODUCT], indirect=True)
def test_purpose_and_team_of_several_datasets_are_those_of_the_first(own, home):
    (path,) = own.contracts.rglob("shop_days.yaml")
    content = yaml.safe_load(path.read_text(encoding="utf-8"))
    first = copy.deepcopy(content) | {
        "id": "urn:example:shops:early_days",
        "description": {"purpose": "To know early."},
        "team": {"name": "early-birds"},
        "support": [{"channel": "early-birds", "url": "mailto:early@example.com"}],
    }
    first["schema"][0]["name"] = "early_days"
    path.with_name("early_days.yaml").write_text(yaml.safe_dump(first), encoding="utf-8")
    (own.transforms / "early_days.sql").write_text("select * from source", encoding="utf-8")

    found = product_file.wanted(own, home, {})

    assert found["description"]["purpose"] == "To know early."
    assert found["team"]["name"] == "early-birds"
    assert [each["url"] for each in found["support"]] == ["mailto:early@example.com"]


WRITTEN = """\
# Ours, with a comment.
domain: retail # of the shops
tags:
  - shops
customProperties:
  - {property: costCentre, value: 42}
"""


def test_what_the_team_wrote_is_kept_to_the_letter(own, home, edit):
    edit("status: active\n", f"status: retired\n{WRITTEN}")
    edit(
        "    contractId: urn:example:shops:source\n",
        "    contractId: urn:example:shops:source\n    tags: [ours]\n",
    )
    edit("version: 1.0.0", "version: 0.9.0")

    text = product_file.rendered(own, home)

    assert f"status: retired\n{WRITTEN}" in text
    assert yaml.safe_load(text)["inputPorts"][0]["tags"] == ["ours"]
    assert "0.9.0" not in text


def test_comments_above_below_and_between_stay_where_they_are(own, home, edit):
    path = home / product_file.FILE
    text = path.read_text(encoding="utf-8")
    path.write_text(f"# Above all.\n{text}\n# Of x.\nx: 1\n# Below all.\n", encoding="utf-8")
    edit("tenant: acme", "tenant: other")
    before = path.read_text(encoding="utf-8")

    after = product_file.rendered(own, home)

    assert after == before.replace("tenant: other", "tenant: acme")


def test_letters_of_any_language_are_written_as_they_are(own, tmp_path):
    named = replace(own, title="Läden 店")

    text = product_file.rendered(named, tmp_path)

    assert "\nname: Läden 店\n" in text
    assert yaml.safe_load(text)["name"] == "Läden 店"


def test_a_port_of_the_team_s_own_and_one_that_is_deprecated_stay(own, home, edit):
    old = '  - {name: source, version: 0.1.0, contractId: "urn:acme:x", deprecated: true}\n'
    edit("inputPorts:\n", f"inputPorts:\n{old}  - {{name: upstream, contractId: urn:other:product:table}}\n")

    assert product_file.faults(own, home) == []
    assert product_file.rendered(own, home) == (home / product_file.FILE).read_text(encoding="utf-8")


def test_an_address_that_the_team_gave_stays(own, home, edit):
    edit("releases/latest/download/sbom.json", "elsewhere.json")
    edit("  - name: metrics\n", "  - name: metrics\n    description: For everybody.\n")

    assert product_file.faults(own, home) == []


UNREADABLE = {
    "no YAML": "a: [",
    "no mapping": "- a\n",
    "a key that is repeated": "kind: a\nkind: b\n",
    "keys that stand further in": "  kind: DataProduct\n  id: x\n",
    "ports that are no list": "inputPorts: {}\n",
    "a team that is a list": "team: []\n",
}


@pytest.mark.parametrize("text", UNREADABLE.values(), ids=UNREADABLE)
def test_a_file_that_cannot_be_read_is_refused_and_stays(own, home, command, text):
    (home / product_file.FILE).write_text(text, encoding="utf-8")

    with pytest.raises(ContractError, match=r"CT021(?s:.*)product\.odps\.yaml cannot be read"):
        product_file.rendered(own, home)


def test_the_command_writes_what_has_changed_and_says_so(own, home, command, monkeypatch):
    monkeypatch.setenv(f"{own.prefix}HOME", str(home))
    path = home / product_file.FILE
    before = path.read_text(encoding="utf-8")
    path.write_text(before.replace("tenant: acme", "tenant: other"), encoding="utf-8")

    first, second = command("describe", product=own), command("describe", product=own)

    assert (first.code, second.code) == (0, 0)
    assert first.out == f"{path}: 1 change\n  tenant is 'other', must be 'acme'\n"
    assert second.out == f"{path}: nothing to change\n"
    assert path.read_text(encoding="utf-8") == before


def test_without_a_file_the_command_writes_one(own, home, command, monkeypatch):
    monkeypatch.setenv(f"{own.prefix}HOME", str(home))
    path = home / product_file.FILE
    before = path.read_text(encoding="utf-8")
    path.unlink()

    answer = command("describe", product=own)

    assert (answer.code, path.read_text(encoding="utf-8")) == (0, before)
