"""Electronic invoices in the terms of EN 16931: what stands in one, the rules it keeps, and its file inside a PDF."""
