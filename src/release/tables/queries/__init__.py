"""Judge the queries of a dataset's own checks, and run those that give the same result every time."""
