"""The documents' own examples, put as requests and answered as the documents say."""
