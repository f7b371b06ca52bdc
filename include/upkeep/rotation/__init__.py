"""Secrets replaced while they are in use: what a store holds, what a service accepts, and the steps between them."""
