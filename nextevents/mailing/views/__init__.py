"""The public doors to lists: seeing them, coming onto them, leaving them."""

from . import leaving, subscribing
from .blueprint import bp

__all__ = ["bp", "leaving", "subscribing"]
