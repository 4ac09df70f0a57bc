"""Who is asking: sessions, tokens, passwords, and the forms that lead in."""
