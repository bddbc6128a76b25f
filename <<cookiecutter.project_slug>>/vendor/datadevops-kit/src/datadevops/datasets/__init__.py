"""A published dataset, made month by month.

In:       a delivery that has been checked, the months so far.
Out:      months, versions of the dataset, links and a page for its consumers.
Failure:  a month that fails keeps its previous version; the published dataset stays published.
"""
