"""From records to tables: shapes, types, keys, editions, codelists, references."""
