"""The oracle: judges recorded or live behaviour against the model."""
