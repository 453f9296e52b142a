"""Versions of a dataset: what changed since the one before, and which comes next."""
