"""The contracts of other teams that sources come with, pinned by a digest.

In:       authoritativeDefinitions of the type upstreamContract in contracts/sources/.
Out:      for each: unchanged, drifted (and what has changed), unreachable, or unpinned.
Failure:  ContractError CT040 (an entry that cannot be used). Another team's outage is an answer, no failure.
"""
