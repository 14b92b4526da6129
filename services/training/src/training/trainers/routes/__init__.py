"""HTTP doors of the trainers: who they are, what each may teach, when each is not there."""
