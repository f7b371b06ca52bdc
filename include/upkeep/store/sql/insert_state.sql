-- What a live duty remembers until its next run.
insert into upkeep.duty_state (duty, target, window_start, window_end, state)
values (%s, %s, %s, %s, %s)
