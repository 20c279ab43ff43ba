"""Reading the log for people who look after it: nothing here writes an event or alters one."""
