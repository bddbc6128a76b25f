"""Metrics, logs, traces and lineage of jobs and the service.

In:       facts of runs and requests.
Out:      series for Prometheus, JSON lines, spans, OpenLineage events; query results of Prometheus.
Failure:  SettingsError CF005; NotRunError OP010 if Prometheus does not answer.
"""
