"""Commands for those who use the tables of releases."""
