"""MongoDB and Redis as processes of one machine, for `profile-gateway run` and the tests, and files from wheels."""
