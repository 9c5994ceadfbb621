"""Properties and examples of the pure model."""
