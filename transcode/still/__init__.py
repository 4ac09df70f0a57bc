"""Still pictures: what runs inside the sandboxed child, from one decode to every size. Standard library and Pillow only."""
