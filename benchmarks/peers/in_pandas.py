"""The features in pandas, for the tools that check frames of it."""

import pandas as pd


def features(rows: pd.DataFrame) -> pd.DataFrame:
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
