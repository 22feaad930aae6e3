"""The transport of a judge: requests are guarded, bounded, limited in rate and recorded, and no record holds a
secret."""
