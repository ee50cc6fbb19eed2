// fails: titles.none
function openTitles(tasks) {
  return tasks.map((task) => task.title).filter((task) => task.done === false);
}
