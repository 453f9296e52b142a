"""Build reproducible data releases from a folder of records."""

__version__ = "0.1.0"
