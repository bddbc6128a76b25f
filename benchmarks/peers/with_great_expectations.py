# /// script
# requires-python = ">=3.11"
# dependencies = ["great_expectations", "pandas<3", "pyarrow"]
# ///
"""Great Expectations, on pandas."""

import os

os.environ["GX_ANALYTICS_ENABLED"] = "false"  # read when it is imported

import great_expectations as gx
import pandas as pd
from in_pandas import features
from timed import BOUNDS, STATIONS, timed

KEY = ["station", "observed_at"]


def work(source: str, target: str) -> None:
    rows = pd.read_parquet(source)
    e = gx.expectations
    ranges = [
        e.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high)
        for name, (low, high) in BOUNDS.items()
    ]
    known = e.ExpectColumnValuesToBeInSet(column="station", value_set=STATIONS)
    unique = e.ExpectCompoundColumnsToBeUnique(column_list=KEY)
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = None
    suite = context.suites.add(gx.ExpectationSuite("suite", expectations=[*ranges, known, unique]))
    asset = context.data_sources.add_pandas("pandas").add_dataframe_asset("rows")
    batch = asset.add_batch_definition_whole_dataframe("all").get_batch({"dataframe": rows})
    wanted = {"result_format": "COMPLETE", "unexpected_index_column_names": []}
    rules: dict[int, list[str]] = {}
    for one in batch.validate(suite, result_format=wanted).results:
        for place in one.result.get("unexpected_index_list") or []:
            rules.setdefault(place, []).append(one.expectation_config.type)
    names = pd.Series({place: ", ".join(each) for place, each in rules.items()}, dtype=object)
    rows.loc[names.index].assign(broken_rules=names).to_parquet(target + ".bad")
    good = rows.drop(index=names.index)
    good.to_parquet(target + ".good")
    features(good).to_parquet(target)


timed(work)
