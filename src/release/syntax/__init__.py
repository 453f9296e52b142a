"""Parse text into values with line and column; resolve paths within them."""
