"""HTTP doors of the invoices and of the credit notes."""
