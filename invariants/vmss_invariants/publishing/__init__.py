"""The docs: pages written from what is known, so that they cannot say more than that."""
