"""Preview pictures as PNG, for sites that take no SVG; they are there as soon as Pillow is installed."""
