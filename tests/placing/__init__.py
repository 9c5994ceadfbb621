"""Placing instances under an edition's limits."""
