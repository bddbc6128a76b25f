"""What data must be: a contract file (ODCS) as values, and everything that is made from it.

In:       contract files.
Out:      `Contract` values; predicates in SQL, made-up rows, what breaks consumers, contracts as released.
Failure:  ContractError CT001 to CT007, CT030; NotRunError CT011 without git.
"""
