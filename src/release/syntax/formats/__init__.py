"""The formats that front matter is written in, and how it is told from the body."""
