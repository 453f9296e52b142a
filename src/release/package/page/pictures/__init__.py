"""Pictures of a page as SVG: drawn by classes of its style sheet, each with a name that says the same."""
