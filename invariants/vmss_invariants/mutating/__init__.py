"""Mutants: rules broken on purpose, to see who notices."""
