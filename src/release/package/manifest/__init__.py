"""Read the manifest of a release, once and strictly."""
