"""Rollouts planned, simulated and shown, all of it by asking the model.

A described group becomes a world (`described`, `files`, `recorded`); a plan (`planning`) and a simulation
(`simulation`) put requests to it; `heatmap` and `timeline` draw what came of it.
"""
