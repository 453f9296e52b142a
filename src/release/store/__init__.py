"""Keep versions of releases in one place, with an index of them."""
