"""Configuration: what is set, where it comes from, and how processes log."""
