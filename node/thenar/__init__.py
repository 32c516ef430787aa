"""Thenar: own what you capture, license it fairly, be paid for what learns from it."""

__version__ = "0.1.0"
