"""The chapters, a folder each. CONTRIBUTING.md says how to write one."""
