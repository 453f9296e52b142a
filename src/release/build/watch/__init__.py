"""Watch a dataset: check it again whenever one of its files changes."""
