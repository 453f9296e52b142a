"""Advice on YAML that does not mean what its author wrote: text that is a comment, values without quotes."""
