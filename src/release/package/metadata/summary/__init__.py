"""Exact summaries of every column of a release, from all rows: `summary.json`."""
