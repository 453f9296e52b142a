"""Hold typed columns; write and read them as CSV, Parquet and SQL; check their rules."""
