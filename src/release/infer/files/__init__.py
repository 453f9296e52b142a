"""From files to records and kinds: list, read, and group by folder and shape."""
