"""The screens that come over the panes: lists to pick from, texts to read."""
