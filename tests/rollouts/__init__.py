"""Rollouts planned, simulated and drawn."""
