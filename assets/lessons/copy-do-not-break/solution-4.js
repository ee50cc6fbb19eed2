const withTag = function ({ tags, ...rest }, tag) {
  const all = [...tags, tag];
  console.log(all);
  return { tags: all, ...rest };
};
