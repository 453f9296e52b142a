"""Work with files, URLs, processes and git."""
