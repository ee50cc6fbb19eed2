// What is left of the course, and where the front page's "Continue" leads (`site:learn-next`): the front page knows nothing
// else of the course. { id, number, kind, title } is a lesson (`kind` in place of `number`: a recap or a bonus lesson; neither:
// only the way is known); { done: 'lessons' | 'all' } says that every lesson that counts is passed, or the extras too.
(() => {
  /** The lessons of a page (`data-lessons`), each as the ids of its exercises: the steps of a project are one lesson. */
  learn.entries = (list) => (list ?? '').split(' ').filter(Boolean).map((ids) => ids.split('+'));

  /** The ids that are not passed yet: of what counts, and of the extras. */
  learn.left = ({ lessons, extras }) => {
    const done = learn.progress.read().lessons;
    const open = (list) => learn.entries(list).flat().filter((id) => !done[id]?.passed);
    return { lessons: open(lessons), extras: open(extras) };
  };

  /** Remembers a place, given as the `dataset` of what shows it; without an id only what is left of the course decides. */
  learn.keepPlace = (left, { id, number, kind, title } = {}) => {
    const isOpen = left.lessons.includes(id) || left.extras.includes(id);
    if (isOpen) site.set('learn-next', { id, number, kind, title });
    else if (left.lessons.length) site.set('learn-next', { id: left.lessons[0] });
    else site.set('learn-next', { done: left.extras.length ? 'lessons' : 'all' });
  };
})();
