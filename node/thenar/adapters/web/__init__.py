"""The loopback HTTP door: health, readiness, metrics, status and commands."""

from thenar.adapters.web.server import Door, serve

__all__ = ["Door", "serve"]
