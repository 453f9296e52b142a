"""Describe a release in the formats that catalogues and search engines read."""
