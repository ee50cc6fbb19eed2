const openTitles = (tasks) => tasks.flatMap((t) => (t.done ? [] : [t.title]));
