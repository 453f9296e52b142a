"""From new records to what a descriptor lacks: compare, adopt, insert, and show as a diff."""
