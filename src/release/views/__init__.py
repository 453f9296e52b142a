"""A difference as text, Markdown, HTML, JSON and CSV."""
