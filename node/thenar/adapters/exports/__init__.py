"""Files in formats other people's tools read."""
