"""Where it happened: names in a text, what stands around them, and which area they mean."""
