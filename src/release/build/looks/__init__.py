"""Looks of tables: keys that are not equal but look it, and texts that show nothing or something else."""
