"""Fetch what others made, and look at it, within limits."""
