"""Ask git: which commit files come from, and what a branch has changed."""
