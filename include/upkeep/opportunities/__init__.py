"""What could be saved: rules over resources, their metrics, the bill and the prices that an account really pays."""
