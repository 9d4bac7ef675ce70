"""Chapter 1: one box, one key."""
