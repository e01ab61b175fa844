"""Pure functions from an inbound message to the canonical complaint."""
