"""What turns texts into vectors whose cosine says how alike they are. Pure: no Django, no database."""
