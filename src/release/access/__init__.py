"""The tables of a release for those who use it: loaded, asked in SQL, exported."""
