"""The JSON Schema of the descriptor, level by level."""
