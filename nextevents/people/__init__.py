"""Who somebody is: persons, public bodies and their mail domains, membership, signing in."""
