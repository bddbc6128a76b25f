"""Every version of data and models, named by the hash of its inputs.

In:       inputs and a function that writes a folder.
Out:      versions, aliases such as champion and published, their logs; files in an object store.
Failure:  StoreError ST001 to ST006; after a crash the last version is still complete.
"""
