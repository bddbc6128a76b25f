"""A contract drafted from a file: what the file holds, and what that suggests.

In:       a parquet or CSV file.
Out:      the text of a contract that every row of the file keeps, with a comment beside each guess; what a
          person has to decide.
Failure:  what `engine` raises for a file that cannot be read; DataError DQ003, DQ004 for one with nothing to
          describe.
"""
