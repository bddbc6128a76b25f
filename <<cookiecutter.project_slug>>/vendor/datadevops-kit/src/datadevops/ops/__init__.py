"""Objectives, and the alerts that are rendered from them.

In:       ops/slo.yaml of a product (OpenSLO v1); the metrics that the product exports; a Prometheus.
Out:      rules, their tests, routes and a dashboard; a verdict on a canary. The tools of Prometheus check
          what was rendered.

`slo` and `openslo` read the file, `alerts` renders from it, `rule_tests` writes the tests of the rules,
`prometheus_rule` writes the rules for Kubernetes, `promtool` runs the tools, `canary` compares two versions.
"""
