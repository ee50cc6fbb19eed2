// fails: stopped
function openTitles(tasks) {
  const titles = [];
  let i = 0;
  while (i < tasks.length) {
    if (tasks[i].done === false) {
      titles.push(tasks[i].title);
      i++;
    }
  }
  return titles;
}
