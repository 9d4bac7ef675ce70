"""Chapter 5: from request to commit."""
