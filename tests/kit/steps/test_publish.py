"""Predictions are published in the store, and at the address of their contract unless a run stays at home."""

from dataclasses import replace

import pytest

from datadevops.contract import odcs
from datadevops.errors import DataError
from datadevops.steps import publish
from datadevops.store import aliases


@pytest.fixture
def publishing(engine, job, forecast):
    """publishing(location, local): a job with predictions, and its settings."""
    promise = odcs.load(forecast.contracts / "predictions.yaml")

    def make(location, local):
        mine = job(engine, predictions=promise.model_copy(update={"location": location}))
        made = mine.store("predictions").make({}, lambda _: {})
        return replace(mine, settings=replace(mine.settings, local=local)), made

    return make


def published(job):
    return aliases.current(job.store("predictions"), aliases.PUBLISHED)


@pytest.mark.parametrize("local", [True, False])
@pytest.mark.parametrize("location", [None, "data/predictions.parquet"])
def test_without_an_address_nothing_leaves_the_store(publishing, location, local):
    job, made = publishing(location, local)

    publish(job, made)

    assert published(job) == made


def test_a_run_that_stays_on_this_machine_asks_no_address(publishing):
    job, made = publishing("gs://elsewhere/predictions", local=True)

    publish(job, made)

    assert published(job) == made


def test_an_address_that_cannot_be_reached_leaves_the_store_as_it_was(publishing):
    job, made = publishing("gs://elsewhere/predictions", local=False)

    with pytest.raises(DataError, match=r"DQ001.*gs://elsewhere/predictions"):
        publish(job, made)

    assert published(job) is None


def test_no_predictions_publish_nothing(publishing):
    job, _ = publishing(None, local=True)

    publish(job, None)

    assert published(job) is None
