"""Process records in chunks: in one process or many, cached between builds."""
