"""Draft a descriptor from a folder of records: `draft_folder(folder, check)`."""
