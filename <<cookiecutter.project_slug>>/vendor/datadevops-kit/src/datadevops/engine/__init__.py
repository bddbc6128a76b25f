"""DuckDB or Spark: read files, run SQL, check rows against contracts.

In:       parquet and CSV files, statements in DuckDB's dialect, contracts.
Out:      parquet files, rows, numpy columns; good rows and a quarantine.
Failure:  DataError DQ001 to DQ007 and DQ009, ContractError CT005, CT006 and CT009.
"""
