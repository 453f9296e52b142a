"""Zips that others packed: what their directory says, and whether the rest of them agrees."""
