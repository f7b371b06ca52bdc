"""What is known to be broken: advisories, which versions they are about, how bad it is, and until when it must be mended."""
