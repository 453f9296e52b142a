"""Releases in the files that other programs open: workbooks, databases, lines of JSON, CSV for Excel."""
