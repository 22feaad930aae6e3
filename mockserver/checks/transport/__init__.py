"""Requests of a judge: guarded, bounded, paced, recorded, and without secrets in what is kept."""
