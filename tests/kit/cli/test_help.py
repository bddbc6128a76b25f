"""Help screens, explanations of errors, and a command that the team adds."""

import re
import subprocess
import sys
from importlib import import_module

import pytest
import typer

import shop_forecast
import shop_statistics
from datadevops.cli import application, product_of
from datadevops.cli.explain import paragraphs
from datadevops.drill import rehearsal
from runs import environment

PRODUCTS = (shop_forecast.PRODUCT, shop_statistics.PRODUCT)


def commands(group, *before):
    """The words of every command."""
    if not hasattr(group, "commands"):
        return [before]
    return [words for name, each in group.commands.items() for words in commands(each, *before, name)]


EVERY = [
    pytest.param(each, words, id=" ".join((each.command, *words)))
    for each in PRODUCTS
    for words in commands(typer.main.get_command(application(each)))
]


@pytest.mark.parametrize(("which", "words"), EVERY)
def test_every_help_screen_shows_an_example_with_the_product_s_own_name(command, which, words):
    answer = command(*words, "--help", product=which)

    assert answer.code == 0
    assert f"Example:    {which.command} " in answer.out
    assert "Exit code:  0" in answer.out
    assert "COMMAND" not in answer.out


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.package)
def test_the_help_of_the_drill_lists_the_scenarios_of_the_product_and_says_what_not_run_means(
    command, product
):
    answer = command("drill", "--help", product=product)

    scenarios = rehearsal.scenarios_of(product).SCENARIOS
    assert [name for name in scenarios if f"  {name} " not in answer.out] == []
    assert "3 NOT RUN, so nobody knows: " in answer.out


@pytest.mark.parametrize("words", [[], ["contract"], ["slo"]], ids=str)
def test_a_group_without_a_command_lists_its_commands_and_no_others(command, words):
    shown = command(*words)

    assert "Commands:" in shown.out + shown.err
    assert "--install-completion" not in command(*words, "--help").out


def test_each_kind_of_product_has_the_commands_of_its_kind():
    forecast, statistics = (
        {words[0] for words in commands(typer.main.get_command(application(p)))} for p in PRODUCTS
    )

    assert forecast - statistics == {"models", "model-card", "score", "serve", "probe", "canary"}
    assert statistics - forecast == {"publish"}


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.package)
def test_a_command_starts_without_loading_heavy_packages(product):
    heavy = ["duckdb", "fastapi", "jinja2", "numpy", "onnxruntime", "pyspark", "sklearn", "sqlglot"]
    text = f"import sys; from {product.package} import cli; print(*sys.modules)"

    words = [sys.executable, "-c", text]
    loaded = subprocess.run(words, env=environment(product), capture_output=True, text=True, check=True)

    assert [name for name in heavy if name in loaded.stdout.split()] == []


def test_a_service_starts_without_a_parser_of_sql(forecast):
    words = [sys.executable, "-c", "import sys; import datadevops.service.serving; print(*sys.modules)"]
    loaded = subprocess.run(words, env=environment(forecast), capture_output=True, text=True, check=True)

    assert "duckdb" in loaded.stdout.split()
    assert "sqlglot" not in loaded.stdout.split()


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.package)
def test_the_command_of_a_product_is_its_app(product):
    app = import_module(f"{product.package}.cli").app

    assert commands(typer.main.get_command(app)) == commands(typer.main.get_command(application(product)))


def test_a_team_adds_a_command_with_one_function(forecast, monkeypatch, capsys):
    app = application(forecast)

    @app.command()
    def shops(context: typer.Context) -> None:
        """Print the title of the product."""
        print(product_of(context).title)

    monkeypatch.setattr(sys, "argv", [forecast.command, "shops"])
    with pytest.raises(SystemExit) as exit_:
        app()

    assert (exit_.value.code, capsys.readouterr().out) == (0, "Shop Forecast\n")


def test_an_error_that_a_user_can_correct_shows_no_traceback_and_can_be_explained(command, tmp_path):
    answer = command("check", tmp_path / "none.csv", "--contract", "source")

    (error,) = re.findall(r"`shop-forecast explain (\w+)` explains it", answer.err)
    explained = command("explain", error)

    assert "Traceback" not in answer.err
    assert (explained.code, explained.out.split()[0]) == (0, error)


@pytest.mark.parametrize("error", paragraphs())
def test_every_explanation_names_the_product_s_own_command(command, error):
    answer = command("explain", error.lower())

    assert answer.code == 0
    assert "COMMAND" not in answer.out


def test_for_an_unknown_error_id_the_nearest_is_suggested(command):
    answer = command("explain", "DQ99")

    assert answer.code == 2
    assert "there is no error 'DQ99'" in answer.err


def test_the_version_names_product_and_library(command):
    answer = command("--version")

    assert answer.code == 0
    assert re.fullmatch(r"shop-forecast unreleased, datadevops-kit 1\.0\.0\S*\n", answer.out)


def test_an_unexpected_error_shows_its_traceback(command, monkeypatch):
    def spoilt(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("datadevops.cli.options.product_of", spoilt)
    monkeypatch.setattr("datadevops.cli.models.settings_of", spoilt)

    with pytest.raises(ZeroDivisionError):
        application(PRODUCTS[0])(["run"])


def test_two_products_in_one_process_do_not_mix(command, forecast, statistics, homes, tmp_path, run_once):
    one = command("status", product=forecast, store=run_once(forecast).store)
    other = command("status", product=statistics, store=run_once(statistics).store)

    assert (one.code, other.code) == (0, 0)
    assert "champion" in one.out
    assert "dataset" in other.out
