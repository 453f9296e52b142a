"""frictionless, the independent referee: every release passes it before it is published."""
