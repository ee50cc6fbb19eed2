// fails: titles.assigned
function openTitles(tasks) {
  return tasks.filter((task) => task.done = false).map((task) => task.title);
}
