"""Hold a release against its own claims, step by step."""
