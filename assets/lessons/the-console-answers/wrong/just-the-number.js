// fails: work.bare
42
