// fails: titles.done
function openTitles(tasks) {
  return tasks.filter((task) => task.done).map((task) => task.title);
}
