"""Reads of the invoices and of the credit notes."""
