"""Processes on this machine: how they are started, and what is done in several of them."""
