"""What jobs and the service export: metrics, logs, traces, lineage.

In:       facts of runs and requests.
Out:      series for Prometheus, JSON lines, spans, OpenLineage events; answers of a Prometheus.
Failure:  SettingsError CF005; NotRunError OP010 where Prometheus does not answer.
"""
