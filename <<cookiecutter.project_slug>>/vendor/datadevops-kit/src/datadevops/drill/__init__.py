"""Break the running product on purpose, and check that the right alert fires.

In:       a product, its ops files, Prometheus and Alertmanager.
Out:      what was broken, who was alerted, how soon; a page.
Failure:  RefusedError OP009 (a scenario failed); NotRunError if a program is missing.
"""
