"""What `make` runs around the program: setting up its environment and locking the versions of packages."""
