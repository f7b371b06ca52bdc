"""A stand-in for AWS: what stands about in the shop's account, answered as AWS does."""
