"""Every version of data and models, named by what it is made from.

In:       inputs and a function that writes a folder.
Out:      versions, aliases such as champion and published, their logs; files in an object store.
Failure:  StoreError ST001 to ST006; a crash leaves the last version whole.
"""
