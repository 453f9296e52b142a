"""Turn records into a release: check, write, judge, place."""
