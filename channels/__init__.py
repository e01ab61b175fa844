"""One room per door: pure translators between a provider's wire format and our records."""
