// fails: titles.all
function openTitles(tasks) {
  return tasks.map((task) => task.title);
}
