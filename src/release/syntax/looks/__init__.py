"""How a text looks: which texts a reader takes for one, what nobody sees, and what was decoded wrongly."""
