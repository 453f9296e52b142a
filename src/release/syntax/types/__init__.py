"""The types of Table Schema v2: what each is elsewhere, and how its texts are read."""
