"""HTTP doors of the papers: of a session, of one."""
