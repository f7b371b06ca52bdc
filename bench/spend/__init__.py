"""Bills made up with something wrong in them, and the rules that look at them."""
