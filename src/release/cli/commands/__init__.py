"""Define the commands: each its arguments, and what it does with them."""
