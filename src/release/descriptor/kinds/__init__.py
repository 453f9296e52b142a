"""Read what a descriptor says of the records of a kind: containers, those that count, patches."""
