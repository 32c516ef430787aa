"""Secrets: the keyring, sealing and wrapping."""
