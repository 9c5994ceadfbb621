"""What is proved, how proofs fail, and that they are about the model."""
