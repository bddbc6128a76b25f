"""`explain` without an id shows the product on one page of Markdown."""

import shutil

import pytest
import yaml

import shop_forecast
import shop_statistics
from datadevops.catalog import product_file


@pytest.fixture(params=[shop_forecast.PRODUCT, shop_statistics.PRODUCT], ids=lambda product: product.package)
def product(request):
    return request.param


@pytest.fixture
def page(command, own, homes, monkeypatch, tmp_path):
    """page(): the page, of the product and of the copy of its folder that `home` is."""
    home = shutil.copytree(homes(own), tmp_path / "home")
    monkeypatch.setenv(f"{own.prefix}HOME", str(home))

    def show(code=0):
        answer = command("explain", product=own)
        assert answer.code == code
        return answer.out if code == 0 else answer.err

    show.home = home
    return show


def part(text, heading):
    """The lines below a heading."""
    return text.partition(f"\n## {heading}\n\n")[2].partition("\n\n## ")[0]


def test_it_shows_ports_owner_and_promises(page, own):
    text = page()

    published = "predictions" if own.serves else "shop_days"
    assert text.startswith(f"# {own.title}\n\n")
    assert f"A {own.kind.replace('-', ' ')}, active. Owner: shop-data, mailto:shop-data@example.com." in text
    assert "- **source** 1.0.0, from `data/shops.parquet`. " in part(text, "In")
    assert "at most 0.1 % of the rows may be bad." in part(text, "In")
    assert f"- **{published}** 1.0.0, made from source 1.0.0. " in part(text, "Out")
    assert f"freshness {'3' if own.serves else '50'} h." in part(text, "Out")
    assert "## Missing" not in text


def test_the_steps_are_those_of_the_pipeline_in_their_order_with_what_each_needs(page, own):
    steps = part(page(), "Steps")

    if own.serves:
        assert "3. train\n4. judge (needs train)\n5. predict (needs train, judge)\n" in steps
        assert "- features (needs source): `transforms/features.sql`, checked by its contract" in steps
    else:
        assert "3. make_partitions (needs datasets)\n4. publish_dataset (needs datasets, make_" in steps
        assert "- shop_days (needs source): `transforms/shop_days.sql`, checked by its contract" in steps


def test_a_step_of_the_team_s_own_is_shown_with_its_comment(page, own):
    path = own.folder / "pipeline.py"
    call = "    extra = count(job)  # the busiest shops\n    notify(job, extra)\n"
    path.write_text(path.read_text().replace("    return steps.report", f"{call}    return steps.report"))

    steps = part(page(), "Steps")

    assert ". count: the busiest shops\n" in steps
    assert ". notify (needs count)\n" in steps


def test_it_shows_each_objective_with_its_alerts_and_the_runbooks_that_there_are(page):
    book = page.home / "ops" / "runbooks" / "FreshnessBreach.md"
    book.parent.mkdir(exist_ok=True)
    book.write_text("# Freshness\n")

    text = page()

    freshness = next(line for line in part(text, "Objectives").splitlines() if "**freshness**" in line)
    assert freshness.endswith(" Target: 99 % over 28 days. Alerts: FreshnessBreach (ticket).")
    assert "  - [FreshnessBreach.md](ops/runbooks/FreshnessBreach.md)\n" in part(text, "Where to look")
    assert "DataQuality" not in part(text, "Where to look")


def test_it_shows_what_the_team_wrote_for_catalogues(page):
    port = {"name": "board", "type": "dashboard", "contractId": "urn:other"}
    (page.home / product_file.FILE).write_text(
        yaml.safe_dump({"status": "deprecated", "outputPorts": [port], "team": {"description": "we"}})
    )

    text = page()

    assert ", deprecated. " in text
    assert "- **board** , contract urn:other" in part(text, "Out")


def test_while_parts_are_missing_it_says_which_and_shows_the_others(page, own):
    shutil.rmtree(own.transforms)
    for path in [*own.contracts.glob("*.yaml"), *own.contracts.glob("datasets/*.yaml")]:
        path.unlink()

    text = page()

    first = "transforms/features.sql" if own.serves else "transforms/TABLE.sql"
    assert f"- `{first}`: select " in part(text, "Missing")
    assert part(text, "Out") == "Nothing yet."
    assert "- **source** 1.0.0" in part(text, "In")
    assert "COMMAND" not in text


def test_of_a_product_without_any_contract_it_says_what_comes_first(page, own):
    shutil.rmtree(own.contracts)
    shutil.rmtree(own.transforms)
    (own.folder / "pipeline.py").unlink()

    text = page()

    assert part(text, "In") == "Nothing yet."
    assert part(text, "Steps") == "pipeline.py has none."
    assert "- `contracts/sources/TABLE.yaml`: draft the contract " in part(text, "Missing")


@pytest.mark.parametrize(
    ("file", "text", "error"),
    [("pipeline.py", "def run(job:\n", "CT006"), ("transforms/extra.sql", "select 1", "CT014")],
)
def test_what_cannot_be_read_is_an_error_and_no_traceback(page, own, file, text, error):
    (own.folder / file).write_text(text)

    said = page(code=2)

    assert f"error[{error}] " in said
    assert (own.folder / file).name in said
