const openTitles = tasks => tasks.filter(({ done }) => !done).map(({ title }) => title)
