"""Looks of texts: which texts a reader takes for one, what nobody sees, and what was decoded wrongly."""
