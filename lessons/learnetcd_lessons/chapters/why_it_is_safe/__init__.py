"""Chapter 8: why it is safe."""
