"""Captures described in the words of other people's catalogues."""
