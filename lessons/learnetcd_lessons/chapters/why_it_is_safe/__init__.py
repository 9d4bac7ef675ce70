"""Chapter 3: timers and votes."""
