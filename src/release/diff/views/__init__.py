"""Show a difference as text, Markdown, HTML, JSON or CSV."""
