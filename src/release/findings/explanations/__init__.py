"""Explain rules: what each is for, what to do about a finding of it, and what its severity may be."""
