"""The page of a release: one HTML file, which needs no script, no font and no other file."""
