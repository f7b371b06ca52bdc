-- What a live duty remembers until its next run.
insert into upkeep.memory (duty, target, window_start, window_end, content)
values (%s, %s, %s, %s, %s)
