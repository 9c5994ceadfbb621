"""The command line, and the documents that describe it."""
