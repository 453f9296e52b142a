"""Choose the records that count, and their values: conditions, patches, and the files beside records."""
