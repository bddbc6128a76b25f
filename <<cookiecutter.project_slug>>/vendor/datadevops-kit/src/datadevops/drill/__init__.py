"""Break the running product on purpose, and demand the right alert.

In:       a product, its ops files, Prometheus and Alertmanager.
Out:      what was broken, who was alerted, how soon; a page.
Failure:  RefusedError OP009 (a scenario failed); NotRunError where a program is missing.
"""
