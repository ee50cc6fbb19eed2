function openTitles(tasks) {
  const titles = [];
  for (const task of tasks) {
    if (!task.done) {
      titles.push(task.title);
    }
  }
  return titles;
}
