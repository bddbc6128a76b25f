"""What a change of contracts means, before it is merged: for consumers, and for the rows that are stored.

In:       a product, a tag of its repository, its store.
Out:      facts about each change; the page of them, as text or for a merge request.
Failure:  none of its own: what cannot be measured says why.
"""
