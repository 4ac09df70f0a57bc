"""Make renditions from originals."""
