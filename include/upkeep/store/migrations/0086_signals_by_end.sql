-- Days of services inside a span are found by their end, or each span of a trend would read all days that ever were.
create index golden_signal_by_end on upkeep.golden_signal (window_end);
