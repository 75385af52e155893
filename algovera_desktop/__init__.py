"""Algovera Desktop: words become pictures, and every picture is kept."""

__version__ = "0.1.0"
