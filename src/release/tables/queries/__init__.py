"""Judge the queries of a dataset's checks: which give the same result every time, on every computer."""
