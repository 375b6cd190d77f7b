"""The knowledge base: records, store, index and search. Imports none of our other packages."""
