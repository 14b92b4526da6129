"""What any issuer of invoices needs: their electronic form (EN 16931, Factur-X), its rules, their numbers."""
