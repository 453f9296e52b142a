"""Mend the faults of records that have one right answer, in the text of their files."""
