const countTags = (tags) =>
  new Map(Object.entries(Object.groupBy(tags, (tag) => tag)).map(([tag, all]) => [tag, all.length]))
