"""Work with files, URLs, processes and what the machine gives."""
