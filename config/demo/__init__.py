"""The demonstration: real data bundled small, loaded through the product's own doors and workers."""
