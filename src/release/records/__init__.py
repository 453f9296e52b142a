"""Turn files into records, and records into rows."""
