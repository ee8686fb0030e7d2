"""Pages in the browser on the course's models, and what a notebook needs to start them."""
