"""The loopback HTTP door: health, readiness, metrics, status, commands, and what the catalog holds."""

from thenar.adapters.web.failing import Failures
from thenar.adapters.web.reading import Collection, Shelf, View
from thenar.adapters.web.server import Door, loopback_of, serve

__all__ = ["Collection", "Door", "Failures", "Shelf", "View", "loopback_of", "serve"]
