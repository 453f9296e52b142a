"""Tables as files, one module per format: table -> file, and back."""
