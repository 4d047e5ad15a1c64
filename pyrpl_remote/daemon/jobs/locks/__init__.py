"""The lock watch: a job that follows the lockbox, takes the lock again, and keeps the history."""
