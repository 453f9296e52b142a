"""Compare two releases; decide which version their difference calls for."""
