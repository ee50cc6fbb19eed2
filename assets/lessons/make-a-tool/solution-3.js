const area = function (w, h) {
  const result = w * h;
  console.log(result); // to see it come by
  return result;
};
