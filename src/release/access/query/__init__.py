"""Queries in SQL over a release, which only read."""
