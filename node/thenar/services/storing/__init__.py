"""Stories about keeping ciphertexts for others, and proving it."""
