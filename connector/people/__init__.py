"""Members: joining, merging, linking, standing, and what is done to them by hand."""
