"""Report what the records of a dataset hold, for a person who writes its descriptor and codelists."""
