"""Find the files that are records, and pack what is known of them."""
