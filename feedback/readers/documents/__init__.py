"""Documents from outside (plain text, Markdown, DOCX, PDF with a text layer) as one clean Markdown each."""
