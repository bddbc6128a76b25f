"""A published dataset, made partition by partition.

In:       a delivery that has been checked, the partitions so far.
Out:      partitions, versions of the dataset, links and a page for its consumers.
Failure:  a partition that fails keeps its previous version; the published dataset stays published.
"""
