"""Show the result of a command in the formats of other programs."""
