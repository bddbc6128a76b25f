"""Checks and features with the tools a team would else take, on the same rows: a table of ratios.

Run it with the Python of a baked product (the model service); a number of rows may follow (1e6 if
none does). Each peer works in an environment of its own, which uv makes. All read the same file of
hourly rows of a thousand stations, hold seven rules, write the bad rows with the names of their
rules, the good rows, and features of them. DuckDB by hand does so without contract, errors or
counts: what our engine can do at best. Only the work is timed, not the start of Python; the rounds
take turns. On a busy machine read the processor's seconds.
"""

import json
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from stations import STATIONS, many

PANDAS = """
def features(rows):
    rows = rows.sort_values(["station", "observed_at"]).reset_index(drop=True)
    past = rows.set_index("observed_at").groupby("station")["precipitation_mm"]
    for hours in (3, 6, 12, 24):
        rows[f"rain_mm_sum_{hours}h"] = past.rolling(f"{hours}h").sum().to_numpy()
    key = rows[["station", "observed_at", "precipitation_mm", "pressure_hpa"]]
    for hours in (1, 3):
        then = key.assign(observed_at=key.observed_at + pd.Timedelta(hours=hours))
        rows = rows.merge(then, "left", ["station", "observed_at"], suffixes=("", f"_{hours}h_ago"))
    rows["spread_c"] = rows.temperature_c - rows.dew_point_c
    rows["pressure_change_3h_hpa"] = rows.pressure_hpa - rows.pressure_hpa_3h_ago
    return rows
"""
PANDERA = """
import pandera.pandas as pa
schema = pa.DataFrameSchema({
    "station": pa.Column(str, pa.Check.isin(STATIONS)),
    "temperature_c": pa.Column(float, pa.Check.in_range(-60, 60), nullable=True),
    "humidity_pct": pa.Column("Int64", pa.Check.in_range(0, 100), nullable=True, coerce=True),
    "wind_speed_ms": pa.Column(float, pa.Check.in_range(0, 120), nullable=True),
    "precipitation_mm": pa.Column(float, pa.Check.in_range(0, 200)),
    "visibility_km": pa.Column(float, pa.Check.in_range(0, 20)),
}, unique=["station", "observed_at"])
def check(rows):
    try:
        return schema.validate(rows, lazy=True), rows.head(0).assign(broken_rules="")
    except pa.errors.SchemaErrors as found:
        cases = found.failure_cases.dropna(subset=["index"])
        rules = cases["column"].astype(str) + ":" + cases["check"].astype(str)
        names = rules.groupby(cases["index"].astype(int)).agg(", ".join)
        return rows.drop(index=names.index), rows.loc[names.index].assign(broken_rules=names)
"""
PEERS = {
    "pandas with pandera": (
        ["pandas", "pandera[pandas]", "pyarrow"],
        "import pandas as pd"
        + PANDAS
        + PANDERA
        + """
def work(source, target):
    good, bad = check(pd.read_parquet(source))
    bad.to_parquet(target + ".bad")
    good.to_parquet(target + ".good")
    features(good).to_parquet(target)
""",
    ),
    "polars": (
        ["polars"],
        """
import polars as pl
BOUNDS = {"temperature_c": (-60, 60), "humidity_pct": (0, 100), "wind_speed_ms": (0, 120),
          "precipitation_mm": (0, 200), "visibility_km": (0, 20)}
def work(source, target):
    rows = pl.scan_parquet(source)
    rules = {name: ~pl.col(name).is_between(*bounds) for name, bounds in BOUNDS.items()}
    rules["station"] = ~pl.col("station").is_in(STATIONS)
    rules["key"] = pl.len().over("station", "observed_at") > 1
    marks = [pl.when(bad).then(pl.lit(name)) for name, bad in rules.items()]
    marked = pl.concat_str(marks, separator=", ", ignore_nulls=True).alias("broken_rules")
    rows = rows.with_columns(marked).collect()
    rows.filter(pl.col("broken_rules") != "").write_parquet(target + ".bad")
    good = rows.filter(pl.col("broken_rules") == "").drop("broken_rules")
    good.write_parquet(target + ".good")
    rows = good.lazy().sort("station", "observed_at")
    rows = rows.with_columns(
        pl.col("precipitation_mm").rolling_sum_by("observed_at", f"{hours}h").over("station")
        .alias(f"rain_mm_sum_{hours}h") for hours in (3, 6, 12, 24)
    )
    key = rows.select("station", "observed_at", "precipitation_mm", "pressure_hpa")
    for hours in (1, 3):
        then = key.with_columns(pl.col("observed_at") + pl.duration(hours=hours))
        rows = rows.join(then, ["station", "observed_at"], "left", suffix=f"_{hours}h_ago")
    rows.with_columns(
        (pl.col("temperature_c") - pl.col("dew_point_c")).alias("spread_c"),
        (pl.col("pressure_hpa") - pl.col("pressure_hpa_3h_ago")).alias("pressure_change_3h_hpa"),
    ).collect().write_parquet(target)
""",
    ),
    "Great Expectations": (
        ["great_expectations", "pandas<3", "pyarrow"],
        "import os\nos.environ['GX_ANALYTICS_ENABLED'] = 'false'\nimport pandas as pd\n"
        "import great_expectations as gx"
        + PANDAS
        + """
BOUNDS = {"temperature_c": (-60, 60), "humidity_pct": (0, 100), "wind_speed_ms": (0, 120),
          "precipitation_mm": (0, 200), "visibility_km": (0, 20)}
def work(source, target):
    rows = pd.read_parquet(source)
    e = gx.expectations
    suite = gx.ExpectationSuite("s", expectations=[
        *(e.ExpectColumnValuesToBeBetween(column=name, min_value=low, max_value=high)
          for name, (low, high) in BOUNDS.items()),
        e.ExpectColumnValuesToBeInSet(column="station", value_set=STATIONS),
        e.ExpectCompoundColumnsToBeUnique(column_list=["station", "observed_at"]),
    ])
    context = gx.get_context(mode="ephemeral")
    context.variables.progress_bars = None
    asset = context.data_sources.add_pandas("p").add_dataframe_asset("a")
    batch = asset.add_batch_definition_whole_dataframe("b").get_batch({"dataframe": rows})
    found = batch.validate(context.suites.add(suite), result_format={
        "result_format": "COMPLETE", "unexpected_index_column_names": []})
    rules = {}
    for one in found.results:
        for i in one.result.get("unexpected_index_list") or []:
            rules.setdefault(i, []).append(one.expectation_config.type)
    names = pd.Series({i: ", ".join(each) for i, each in rules.items()}, dtype=object)
    rows.loc[names.index].assign(broken_rules=names).to_parquet(target + ".bad")
    good = rows.drop(index=names.index)
    good.to_parquet(target + ".good")
    features(good).to_parquet(target)
""",
    ),
    "Kedro's runner, pandas with pandera": (
        ["kedro", "kedro-datasets[pandas-parquetdataset]", "pandas", "pandera[pandas]", "pyarrow"],
        "import pandas as pd"
        + PANDAS
        + PANDERA
        + """
from kedro.io import DataCatalog
from kedro.pipeline import Pipeline, node
from kedro.runner import SequentialRunner
from kedro_datasets.pandas import ParquetDataset
def work(source, target):
    files = {"source": source, "made": target, "good": target + ".good", "bad": target + ".bad"}
    datasets = {name: ParquetDataset(filepath=path) for name, path in files.items()}
    steps = Pipeline([node(check, "source", ["good", "bad"]), node(features, "good", "made")])
    SequentialRunner().run(steps, DataCatalog(datasets))
""",
    ),
}
TIMED = """
import json, resource, sys, time, warnings
warnings.simplefilter("ignore")
start, before = time.perf_counter(), time.process_time()
work(*sys.argv[1:])
seconds, used = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_SELF)
print(json.dumps([seconds, time.process_time() - before, used.ru_maxrss / 1024]))
"""
ROUNDS = 2
SQL = """
with hours as (
    select
        station,
        unnest(generate_series(min(observed_at), max(observed_at), interval 1 hour)) as hour
    from source
    group by station
)
select
    source.*,
    sum(precipitation_mm) over last_3 as rain_mm_sum_3h,
    sum(precipitation_mm) over last_6 as rain_mm_sum_6h,
    sum(precipitation_mm) over last_12 as rain_mm_sum_12h,
    sum(precipitation_mm) over last_24 as rain_mm_sum_24h,
    lag(precipitation_mm, 1) over hourly as precipitation_mm_1h_ago,
    lag(precipitation_mm, 3) over hourly as precipitation_mm_3h_ago,
    temperature_c - dew_point_c as spread_c,
    pressure_hpa - lag(pressure_hpa, 3) over hourly as pressure_change_3h_hpa
from hours
left join source on source.station = hours.station and source.observed_at = hours.hour
window
    hourly as (partition by hours.station order by hours.hour),
    last_3 as (partition by hours.station
        order by hours.hour rows between 2 preceding and current row),
    last_6 as (partition by hours.station
        order by hours.hour rows between 5 preceding and current row),
    last_12 as (partition by hours.station
        order by hours.hour rows between 11 preceding and current row),
    last_24 as (partition by hours.station
        order by hours.hour rows between 23 preceding and current row)
qualify source.station is not null
"""
OURS = """
from pathlib import Path
from PACKAGE import settings
from PACKAGE.kit import checks, engine, odcs
from PACKAGE.kit.contract import Limits
NAMES = ["station", "observed_at", "temperature_c", "humidity_pct", "wind_speed_ms",
         "precipitation_mm", "visibility_km"]
def work(source, target):
    contract = odcs.load(settings.PACKAGE / "contracts" / "source.yaml")
    free = {"limits": Limits(), "required": False}
    columns = [c if c.name in NAMES else c.model_copy(update=free) for c in contract.columns]
    columns[0] = columns[0].model_copy(update={"enum": tuple(STATIONS)})
    contract = contract.model_copy(update={"columns": tuple(columns), "quality": ()})
    folder = Path(target).parent
    (folder / "features.sql").write_text(SQL)
    with engine.DuckDB() as duckdb:
        duckdb.read("source", Path(source))
        checks.split(duckdb, contract, folder)
        duckdb.read("source", folder / "source.parquet")
        duckdb.transform(folder / "features.sql", Path(target))
"""
LIMIT = """
import duckdb
BOUNDS = {"temperature_c": (-60, 60), "humidity_pct": (0, 100), "wind_speed_ms": (0, 120),
          "precipitation_mm": (0, 200), "visibility_km": (0, 20)}
RULES = {name: f"{name} not between {low} and {high}" for name, (low, high) in BOUNDS.items()}
RULES["station"] = f"station not in {tuple(STATIONS)}"
MARKS = ", ".join(f"case when {bad} then '{name}' end" for name, bad in RULES.items())
def work(source, target):
    packed = "(format parquet, compression zstd, compression_level 1, dictionary_size_limit 5000)"
    con = duckdb.connect()
    twice = "group by station, observed_at having count(*) > 1"
    con.execute(f"select 1 from '{source}' {twice}").fetchall()
    marked = f"select *, concat_ws(', ', {MARKS}) as broken from '{source}'"
    con.execute(f"create temp table marked as {marked}")
    good = "select * exclude (broken) from marked where broken = ''"
    con.execute(f"copy ({good}) to '{target}.good' {packed}")
    con.execute(f"copy (from marked where broken <> '') to '{target}.bad' {packed}")
    con.execute(f"create view source as from read_parquet('{target}.good')")
    con.execute(f"copy ({SQL}) to '{target}' {packed}")
"""
TOOLS = {
    "this product, on DuckDB": ([], f'SQL = """{SQL}"""{OURS}'),
    "DuckDB by hand: the limit of ours": ([], f'SQL = """{SQL}"""{LIMIT}'),
} | PEERS


def measured(command: list[str], text: str, folder: Path) -> list[float]:
    """Seconds, seconds of processor time and peak megabytes of `work`."""
    script = folder / "work.py"
    script.write_text(f"STATIONS = {STATIONS}\n{text}{TIMED}")
    out = folder / "out"
    out.mkdir(exist_ok=True)
    words = [*command, str(script), str(folder / "in.parquet"), str(out / "made.parquet")]
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{' '.join(words)}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def main() -> None:
    rows = int(float(sys.argv[1])) if len(sys.argv) > 1 else 1_000_000
    files = Path(sys.prefix).parent.glob("src/*/kit/engine.py")
    (package,) = {path.parents[1].name for path in files}
    engine, odcs, synth = (import_module(f"{package}.kit.{n}") for n in ("engine", "odcs", "synth"))
    source = odcs.load(Path(import_module(package).__file__).parent / "contracts/source.yaml")
    found: dict[str, list[list[float]]] = {name: [] for name in TOOLS}
    with tempfile.TemporaryDirectory() as temporary, engine.DuckDB() as duckdb:
        folder = Path(temporary)
        duckdb.write(synth.sql(many(source), rows, bad_ratio=0.001), folder / "in.parquet")
        for _ in range(ROUNDS):
            for name, (packages, text) in TOOLS.items():
                needs = [word for each in packages for word in ("--with", each)]
                apart = ["uv", "run", "--no-project", *needs]
                command = [*apart, "python"] if packages else [sys.executable]
                text = text.replace("from PACKAGE", f"from {package}")
                found[name].append(measured(command, text, folder))
    best = {
        name: [min(figures) for figures in zip(*each, strict=True)] for name, each in found.items()
    }
    ours = next(iter(best.values()))
    print(f"{f'{rows:,} rows':38}  seconds ratio  processor ratio     MB")
    for name, (seconds, used, megabytes) in best.items():
        wall = f"{seconds:8.2f} {seconds / ours[0]:5.1f}"
        processor = f"{used:10.2f} {used / ours[1]:5.1f}"
        print(f"{name:38} {wall} {processor} {megabytes:6.0f}")


main()
