"""Read a schema of Table Schema v2: fields, where their values come from, constraints, keys."""
