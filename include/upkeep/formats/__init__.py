"""What files and logs of other programs say: parsers that read what they are given and nothing else."""
