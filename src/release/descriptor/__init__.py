"""Read datapackage.yaml into typed values."""
