"""Data of people and programmes: erasing, taking out, bringing in."""
