"""Tables that the normalizer reads."""
