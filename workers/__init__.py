"""Jobs in and out: claim, run, retry, give up; the timetable."""
