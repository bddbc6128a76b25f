"""Pages and texts about a run, a dataset, a drill and the service.

In:       the name of a template, values.
Out:      text; a page loads nothing from elsewhere.
Failure:  a value that a template misses raises.
"""
